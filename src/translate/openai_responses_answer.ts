import type { ChatAnswer, ChatChoice } from "./chat_answer.ts";
import type { AssistantPart } from "./chat_request.ts";
import {
  annotationOf,
  callOutput,
  imageOutput,
  type ItemStatus,
  logprobsOf,
  messageOutput,
  type OutputItem,
  reasoningOutput,
  refusalContent,
  textContent,
} from "./openai_responses_items.ts";
import { endOf, itemId, responseObject } from "./openai_responses_object.ts";
import { type Opaque, opaqueOf, opaqueText } from "./openai_responses_opaque.ts";
import type { AnswerTold } from "./sides.ts";

/**
 * A whole answer as a response object. The protocol has one choice: the first.
 * Source: https://developers.openai.com/api/reference/resources/responses (The response object)
 */
export function writeResponse(answer: ChatAnswer, told: AnswerTold): Record<string, unknown> {
  const [choice] = answer.choices;
  const output = choice === undefined ? [] : outputOf(choice, told);
  return responseObject(told, output, endOf(choice?.finish, output.length > 0), answer.usage);
}

function outputOf(choice: ChatChoice, told: AnswerTold): OutputItem[] {
  const { reason, explanation } = choice.finish;
  const hasRefusal = choice.parts.some(({ kind }) => kind === "refusal");
  // A block says why in the place where clients look for a refusal.
  const parts: readonly AssistantPart[] =
    reason === "content_filter" && explanation !== undefined && explanation !== "" && !hasRefusal
      ? [...choice.parts, { kind: "refusal", text: explanation }]
      : choice.parts;
  const cited = parts.findLast(({ kind }) => kind === "text");
  const output: OutputItem[] = [];
  let content: OutputItem[] = [];
  const closeMessage = (status: ItemStatus): void => {
    if (content.length === 0) return;
    output.push(messageOutput(itemId("msg", told, output.length), content, status));
    content = [];
  };
  const addOpaque = (opaque: Opaque | undefined): void => {
    if (opaque === undefined) return;
    closeMessage("completed");
    output.push(reasoningOutput(itemId("rs", told, output.length), undefined, opaqueText(opaque)));
  };
  for (const part of parts) {
    if (part.kind === "text" || part.kind === "refusal") {
      if (part.kind === "refusal") content.push(refusalContent(part.text));
      else if (part.text !== "") content.push(textOf(part.text, part === cited ? choice : undefined));
      addOpaque(opaqueOf(part));
      continue;
    }
    closeMessage("completed");
    if (part.kind === "tool_call") addOpaque(opaqueOf(part));
    output.push(itemOf(part, output.length, told));
  }
  // What came last is what was cut.
  closeMessage(reason === "length" || reason === "content_filter" ? "incomplete" : "completed");
  return output;
}

function textOf(text: string, choice: ChatChoice | undefined): OutputItem {
  const annotations = (choice?.citations ?? []).map((citation) => annotationOf(citation, text.length));
  return textContent(text, annotations, logprobsOf(choice?.logprobs ?? []));
}

function itemOf(
  part: Exclude<AssistantPart, { kind: "text" | "refusal" }>,
  index: number,
  told: AnswerTold,
): OutputItem {
  switch (part.kind) {
    case "tool_call": {
      const text = part.arguments === "" ? "{}" : part.arguments;
      return callOutput(itemId("fc", told, index), part, text, "completed");
    }
    case "image": {
      const { source } = part;
      const isBase64 = source.kind === "base64";
      const mediaType = isBase64 ? source.mediaType : "image/png";
      return imageOutput(itemId("ig", told, index), mediaType, isBase64 ? source.base64 : "");
    }
    case "thinking":
    case "redacted_thinking": {
      const opaque = opaqueOf(part);
      const text = part.kind === "thinking" && part.text !== "" ? part.text : undefined;
      return reasoningOutput(
        itemId("rs", told, index),
        text,
        opaque === undefined ? undefined : opaqueText(opaque),
      );
    }
  }
}
