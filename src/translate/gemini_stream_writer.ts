import type { TokenUsage } from "../core/usage.ts";
import type { ChatEvent, Citation, Finish } from "./chat_answer.ts";
import type { Signature } from "./chat_request.ts";
import { blockOf } from "./gemini_answer_writer.ts";
import { geminiErrorBody } from "./gemini_error_body.ts";
import { MALFORMED_CALL, writeGeminiFinish } from "./gemini_finish.ts";
import { writeGeminiCitations } from "./gemini_grounding.ts";
import { writeGeminiLogprobs } from "./gemini_logprobs.ts";
import { callPart, type GeminiPart, redactedPart } from "./gemini_part_writer.ts";
import { geminiSignatureText } from "./gemini_signature.ts";
import { writeGeminiUsage } from "./gemini_usage.ts";
import type { AnswerTold, StreamWriter } from "./sides.ts";

/** Sources that one choice may tell, and the text of one call's arguments: what is kept until its end is bounded. */
const MAX_CITATIONS = 1_000;
const MAX_ARGUMENT_CHARS = 8_388_608;

interface OpenCall {
  readonly id: string;
  readonly name: string;
  readonly signature: Signature | undefined;
  text: string;
}

interface Lane {
  readonly calls: Map<number, OpenCall>;
  readonly citations: Citation[];
  hasParts: boolean;
  isMalformed: boolean;
  finish: Finish | undefined;
}

/**
 * Writes `:streamGenerateContent`: server-sent events, or elements of one JSON array. Google has no end mark, so that
 * `finishReason` goes out with `end` only; a call goes out when its arguments are whole, because they are an object.
 * Source: https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent
 */
export class GeminiStreamWriter implements StreamWriter {
  readonly #told: AnswerTold;
  readonly #lanes = new Map<number, Lane>();
  #id: string;
  #usage: TokenUsage | undefined;
  #hasWritten = false;
  #isOver = false;

  constructor(told: AnswerTold) {
    this.#told = told;
    this.#id = told.requestId;
  }

  write(event: ChatEvent): string {
    if (this.#isOver) return "";
    switch (event.kind) {
      case "start":
        if (event.id !== "") this.#id = event.id;
        return "";
      case "text":
      case "refusal":
        return this.#part(event.choice, { text: event.text });
      case "thinking":
        return this.#part(event.choice, { text: event.text, thought: true });
      case "signature": {
        const thoughtSignature = geminiSignatureText(event.signature);
        const thought = event.of === "thinking" ? { thought: true } : {};
        return this.#part(event.choice, { text: "", ...thought, thoughtSignature });
      }
      case "redacted_thinking":
        return this.#part(event.choice, redactedPart({ issuer: event.issuer, value: event.data }));
      case "image":
        return this.#part(event.choice, { inlineData: { mimeType: event.mediaType, data: event.base64 } });
      case "tool_call": {
        const { id, name, signature } = event;
        this.#lane(event.choice).calls.set(event.call, { id, name, signature, text: "" });
        return "";
      }
      case "tool_arguments": {
        const call = this.#lane(event.choice).calls.get(event.call);
        if (call !== undefined && call.text.length <= MAX_ARGUMENT_CHARS) call.text += event.text;
        return "";
      }
      case "tool_call_end":
        return this.#endCall(event.choice, event.call);
      case "citation": {
        const { citations } = this.#lane(event.choice);
        if (citations.length < MAX_CITATIONS) citations.push(event.citation);
        return "";
      }
      case "logprobs":
        return this.#candidate(event.choice, { text: "" }, {
          logprobsResult: writeGeminiLogprobs(event.logprobs),
        });
      case "finish":
        return this.#finish(event.choice, event.finish);
      case "usage":
        this.#usage = event.usage;
        return "";
      case "ping":
        return "";
      case "error":
        this.#isOver = true;
        return this.#write(geminiErrorBody(event.message, event.code)) + (this.#told.isJsonArray ? "]" : "");
      case "end":
        return this.#end();
    }
  }

  #lane(choice: number): Lane {
    let lane = this.#lanes.get(choice);
    if (lane === undefined) {
      lane = { calls: new Map(), citations: [], hasParts: false, isMalformed: false, finish: undefined };
      this.#lanes.set(choice, lane);
    }
    return lane;
  }

  #part(choice: number, part: GeminiPart): string {
    this.#lane(choice).hasParts = true;
    return this.#candidate(choice, part, {});
  }

  #candidate(choice: number, part: GeminiPart, more: Record<string, unknown>): string {
    const candidates = [{ content: { parts: [part], role: "model" }, index: choice, ...more }];
    return this.#write({ candidates, modelVersion: this.#told.model, responseId: this.#id });
  }

  #endCall(choice: number, number: number): string {
    const lane = this.#lane(choice);
    const call = lane.calls.get(number);
    if (call === undefined) return "";
    lane.calls.delete(number);
    const part = callPart(call.id, call.name, call.text, call.signature);
    if (part !== undefined) return this.#part(choice, part);
    lane.isMalformed = true;
    return "";
  }

  #finish(choice: number, finish: Finish): string {
    const lane = this.#lane(choice);
    lane.finish = finish;
    let text = "";
    for (const number of lane.calls.keys()) text += this.#endCall(choice, number);
    return text;
  }

  #end(): string {
    this.#isOver = true;
    const usage = this.#usage === undefined ? {} : { usageMetadata: writeGeminiUsage(this.#usage) };
    const named = { ...usage, modelVersion: this.#told.model, responseId: this.#id };
    const [only] = this.#lanes.values();
    const isBlocked = this.#lanes.size === 1 && only?.hasParts === false &&
      only.finish?.reason === "content_filter";
    if (isBlocked) return this.#write({ ...blockOf(only.finish?.explanation), ...named }) + this.#close();
    const candidates = [...this.#lanes].map(([index, lane]) => ({
      content: { parts: [{ text: "" }], role: "model" },
      ...(lane.isMalformed ? MALFORMED_CALL : writeGeminiFinish(lane.finish ?? { reason: "failed" })),
      index,
      ...(lane.citations.length === 0 ? {} : { groundingMetadata: writeGeminiCitations(lane.citations) }),
    }));
    return this.#write({ candidates, ...named }) + this.#close();
  }

  #write(value: unknown): string {
    const json = JSON.stringify(value);
    const isFirst = !this.#hasWritten;
    this.#hasWritten = true;
    if (!this.#told.isJsonArray) return `data: ${json}\r\n\r\n`;
    return (isFirst ? "[" : ",\r\n") + json;
  }

  #close(): string {
    return this.#told.isJsonArray ? "]" : "";
  }
}
