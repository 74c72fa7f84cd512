import { AppError } from "../errors.ts";
import type { ChatAnswer, ChatChoice } from "./chat_answer.ts";
import type { AssistantPart, MediaSource, ToolCallPart } from "./chat_request.ts";
import {
  failureText,
  openAiChatAnnotation,
  openAiChatExtra,
  openAiChatFinish,
  openAiChatId,
  openAiChatImage,
  openAiChatLogprobs,
  openAiChatUsage,
} from "./openai_chat_answer_words.ts";
import type { AnswerTold } from "./sides.ts";

/**
 * A `chat.completion`. Thoughts stand in `reasoning_content` (DeepSeek's place), pictures in `images` (OpenRouter's).
 * Source: https://platform.openai.com/docs/api-reference/chat/object
 * @throws {AppError} `upstream_failed` when every choice failed before it said anything
 */
export function writeOpenAiChatAnswer(answer: ChatAnswer, told: AnswerTold): Record<string, unknown> {
  const [first] = answer.choices;
  if (first !== undefined && answer.choices.every(isNothing)) {
    throw new AppError("upstream_failed", failureText(first.finish));
  }
  const isOld = told.request.isOldFunctions === true;
  return {
    id: openAiChatId(answer.id, told.requestId),
    object: "chat.completion",
    created: answer.createdSeconds ?? told.nowSeconds,
    model: told.model,
    choices: answer.choices.map((choice) => writeChoice(choice, isOld)),
    ...(answer.usage === undefined ? {} : { usage: openAiChatUsage(answer.usage) }),
  };
}

function isNothing(choice: ChatChoice): boolean {
  return choice.finish.reason === "failed" &&
    choice.parts.every(({ kind }) => kind === "thinking" || kind === "redacted_thinking");
}

function writeChoice(choice: ChatChoice, isOld: boolean): Record<string, unknown> {
  const { parts, finish, citations = [], logprobs } = choice;
  return {
    index: choice.index,
    message: {
      role: "assistant",
      content: textOf(parts, "text"),
      refusal: refusalOf(choice),
      ...thoughtsOf(parts),
      ...callsOf(parts, isOld),
      ...imagesOf(parts),
      ...openAiChatExtra(signatureOf(parts)),
      ...(citations.length === 0 ? {} : { annotations: citations.map(openAiChatAnnotation) }),
    },
    logprobs: logprobs === undefined ? null : openAiChatLogprobs(logprobs),
    ...openAiChatFinish(finish, isOld),
  };
}

function textOf(parts: readonly AssistantPart[], kind: "text" | "thinking" | "refusal"): string | null {
  const texts = parts.flatMap((part) => part.kind === kind && part.text !== "" ? [part.text] : []);
  return texts.length === 0 ? null : texts.join("");
}

/** What the model declined with; for a block without words what its provider says of it. */
function refusalOf({ parts, finish }: ChatChoice): string | null {
  const refusal = textOf(parts, "refusal");
  if (refusal !== null || finish.reason !== "content_filter") return refusal;
  return textOf(parts, "text") === null ? finish.explanation ?? null : null;
}

function thoughtsOf(parts: readonly AssistantPart[]): Record<string, unknown> {
  const thoughts = textOf(parts, "thinking");
  return thoughts === null ? {} : { reasoning_content: thoughts };
}

function callsOf(parts: readonly AssistantPart[], isOld: boolean): Record<string, unknown> {
  const calls = parts.filter((part): part is ToolCallPart => part.kind === "tool_call");
  const [first] = calls;
  if (first === undefined) return {};
  if (isOld) return { function_call: { name: first.name, arguments: first.arguments } };
  return {
    tool_calls: calls.map((call) => ({
      id: call.id,
      type: "function",
      function: { name: call.name, arguments: call.arguments },
      ...openAiChatExtra(call.signature),
    })),
  };
}

function imagesOf(parts: readonly AssistantPart[]): Record<string, unknown> {
  const images = parts.flatMap((part) => part.kind === "image" ? [openAiChatImage(urlOf(part.source))] : []);
  return images.length === 0 ? {} : { images };
}

/** A source as the URL that chat messages want; an id, which has no bytes, as what it is. */
function urlOf(source: MediaSource): string {
  if (source.kind === "base64") return `data:${source.mediaType};base64,${source.base64}`;
  return source.kind === "url" ? source.url : source.id;
}

function signatureOf(parts: readonly AssistantPart[]) {
  const signed = parts.findLast((part) => part.kind === "text" && part.signature !== undefined);
  return signed?.kind === "text" ? signed.signature : undefined;
}
