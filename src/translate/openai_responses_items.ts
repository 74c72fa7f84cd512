import type { Citation, TokenLogprob } from "./chat_answer.ts";

/** Items of a response's output, as they stand in a whole answer and in `response.output_item.done`. */

export type OutputItem = Readonly<Record<string, unknown>>;
export type ItemStatus = "in_progress" | "completed" | "incomplete";

/** @param text the summary, or `undefined` for an item that only carries an opaque value */
export function reasoningOutput(
  id: string,
  text: string | undefined,
  opaque: string | undefined,
): OutputItem {
  return {
    id,
    type: "reasoning",
    summary: text === undefined ? [] : [summaryPart(text)],
    encrypted_content: opaque ?? null,
  };
}

export function summaryPart(text: string): OutputItem {
  return { type: "summary_text", text };
}

export function messageOutput(id: string, content: readonly OutputItem[], status: ItemStatus): OutputItem {
  return { id, type: "message", status, role: "assistant", content };
}

export function textContent(
  text: string,
  annotations: readonly OutputItem[],
  logprobs: readonly OutputItem[],
): OutputItem {
  return { type: "output_text", text, annotations, logprobs };
}

export function refusalContent(refusal: string): OutputItem {
  return { type: "refusal", refusal };
}

export function callOutput(
  id: string,
  call: { readonly id: string; readonly name: string },
  text: string,
  status: ItemStatus,
): OutputItem {
  return { id, type: "function_call", status, arguments: text, call_id: call.id, name: call.name };
}

/** A picture that the model drew. Source: https://developers.openai.com/api/docs/guides/tools-image-generation */
export function imageOutput(id: string, mediaType: string, base64: string): OutputItem {
  return {
    id,
    type: "image_generation_call",
    status: "completed",
    result: base64,
    output_format: mediaType.replace(/^image\//, ""),
  };
}

/** @param textLength UTF-16 length of the text so far: a citation without a range is of all of it */
export function annotationOf(citation: Citation, textLength: number): OutputItem {
  return {
    type: "url_citation",
    url: citation.url,
    title: citation.title ?? citation.url,
    start_index: citation.start ?? 0,
    end_index: citation.end ?? textLength,
  };
}

export function logprobsOf(logprobs: readonly TokenLogprob[]): OutputItem[] {
  return logprobs.map(({ top, ...chosen }) => ({
    ...withBytes(chosen),
    top_logprobs: top.map(withBytes),
  }));
}

function withBytes({ token, logprob }: { readonly token: string; readonly logprob: number }): OutputItem {
  return { token, logprob, bytes: Array.from(encoder.encode(token)) };
}

const encoder = new TextEncoder();
