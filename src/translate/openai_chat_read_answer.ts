import { isRecord, textAt } from "../core/json.ts";
import { openAiUsageIn } from "../core/openai_usage.ts";
import type { ChatAnswer, ChatChoice } from "./chat_answer.ts";
import type { AssistantPart } from "./chat_request.ts";
import {
  argumentsIn,
  citationsIn,
  derivedCallId,
  errorIn,
  imagesIn,
  logprobsIn,
  openAiChatFinishOf,
  saidIn,
  signatureIn,
} from "./openai_chat_read_words.ts";
import { AnswerUnreadableError } from "./sides.ts";

/**
 * Reads a `chat.completion` of OpenAI or of a server that imitates it.
 * Source: https://platform.openai.com/docs/api-reference/chat/object
 * @throws {AnswerUnreadableError} when it has no choice that can be read, or is an error
 */
export function readOpenAiChatAnswer(body: unknown): ChatAnswer {
  const error = errorIn(body);
  if (error !== undefined) throw new AnswerUnreadableError(`it is an error: ${error.message}`);
  if (!isRecord(body) || !Array.isArray(body.choices) || body.choices.length === 0) {
    throw new AnswerUnreadableError("it has no choices");
  }
  // Without an id its time of creation is what sets it apart.
  const id = textAt(body, "id");
  const material = id || textAt(body, "created");
  const choices = body.choices.map((choice, at) => readChoice(choice, at, material));
  const usage = openAiUsageIn(body);
  return {
    id,
    model: textAt(body, "model"),
    ...(typeof body.created === "number" ? { createdSeconds: body.created } : {}),
    choices: choices.sort((a, b) => a.index - b.index),
    ...(usage === undefined ? {} : { usage }),
  };
}

function readChoice(choice: unknown, at: number, answerId: string): ChatChoice {
  if (!isRecord(choice) || !isRecord(choice.message)) {
    throw new AnswerUnreadableError(`choices[${at}] has no message`);
  }
  const { message } = choice;
  const index = typeof choice.index === "number" ? choice.index : at;
  const calls = callsIn(message, answerId, index);
  const parts: AssistantPart[] = [...saidIn(message)];
  for (const image of imagesIn(message)) {
    parts.push({
      kind: "image",
      source: "url" in image ? { kind: "url", url: image.url } : { kind: "base64", ...image },
    });
  }
  sign(parts, message);
  const citations = citationsIn(message);
  const logprobs = logprobsIn(choice);
  const native = textAt(choice, "native_finish_reason");
  return {
    index,
    parts: [...parts, ...calls],
    finish: openAiChatFinishOf(textAt(choice, "finish_reason"), native, calls.length > 0),
    ...(citations.length === 0 ? {} : { citations }),
    ...(logprobs === undefined ? {} : { logprobs }),
  };
}

/** Google's place for the signature of a text is the message. */
function sign(parts: AssistantPart[], message: Record<string, unknown>): void {
  const signature = signatureIn(message);
  if (signature === undefined) return;
  const at = parts.findLastIndex(({ kind }) => kind === "text");
  const text = parts[at];
  if (text?.kind === "text") parts[at] = { ...text, signature };
  else parts.push({ kind: "text", text: "", signature });
}

function callsIn(message: Record<string, unknown>, answerId: string, choice: number): AssistantPart[] {
  const { tool_calls: calls, function_call: old } = message;
  if (Array.isArray(calls) && calls.length > 0) {
    const taken = new Set<string>();
    return calls.map((call, at) => {
      const part = readCall(call, isRecord(call) ? call.function : undefined, at);
      const given = textAt(call, "id");
      // Some servers give all calls of an answer one id.
      const id = given !== "" && !taken.has(given) ? given : derivedCallId(answerId, choice, at);
      taken.add(id);
      return { ...part, id };
    });
  }
  if (!isRecord(old)) return [];
  return [{ ...readCall({}, old, 0), id: derivedCallId(answerId, choice, 0) }];
}

function readCall(call: unknown, called: unknown, at: number) {
  const name = textAt(called, "name");
  if (!isRecord(call) || !isRecord(called) || name === "") {
    throw new AnswerUnreadableError(`tool_calls[${at}] names no function`);
  }
  const signature = signatureIn(call);
  return {
    kind: "tool_call" as const,
    name,
    arguments: argumentsIn(called.arguments).trim() === "" ? "{}" : argumentsIn(called.arguments),
    ...(signature === undefined ? {} : { signature }),
  };
}
