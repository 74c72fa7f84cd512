import OpenAI from "openai";
import type { ChatAnswer, ChatEvent } from "../../src/translate/chat_answer.ts";
import type { AssistantPart, ChatRequest } from "../../src/translate/chat_request.ts";
import { Losses } from "../../src/translate/losses.ts";
import { readResponsesRequest } from "../../src/translate/openai_responses_request.ts";
import { ResponsesStreamWriter } from "../../src/translate/openai_responses_stream.ts";
import type { AnswerTold } from "../../src/translate/sides.ts";
import type { Feature } from "./conversations.ts";
import { splitBytes } from "./fuzz.ts";

const REQUEST: ChatRequest = {
  model: "some-model",
  system: [],
  turns: [],
  tools: [],
  isStream: true,
  echo: { metadata: { a: "b" }, temperature: 0.5 },
};

export const TOLD: AnswerTold = {
  model: "asked-model",
  requestId: "r1",
  nowSeconds: 1_700_000_000,
  mustTellUsage: false,
  isJsonArray: false,
  request: REQUEST,
};

/** What the protocol has no place for, or tells in another way. */
export const NOT_IN_RESPONSES: readonly Feature[] = ["choices", "stopSequence"];

/** The text that a writer makes of these events. */
export function written(events: readonly ChatEvent[], told: AnswerTold = TOLD): string {
  const writer = new ResponsesStreamWriter(told);
  return events.map((event) => writer.write(event)).join("");
}

/** The events of a stream, parsed. */
export function sent(text: string): Record<string, unknown>[] {
  return splitBytes(new TextEncoder().encode(text)).map(({ name, data }) => {
    const event: unknown = JSON.parse(data);
    if (typeof event !== "object" || event === null) throw new Error(`no object: ${data}`);
    return { ...event, event: name };
  });
}

/** OpenAI's own client, to which every request is answered with these bytes. */
export function clientOf(body: string, contentType: string): OpenAI {
  return new OpenAI({
    apiKey: "none",
    maxRetries: 0,
    fetch: () => Promise.resolve(new Response(body, { headers: { "content-type": contentType } })),
  });
}

/** What a caller brings back when it sends the output of an answer as its next input. */
export function broughtBack(output: unknown): readonly AssistantPart[] {
  const { turns } = readResponsesRequest({ model: "m", input: output }, new Losses());
  return turns.flatMap((turn) => turn.role === "assistant" ? turn.parts : []);
}

/** The parts of an answer as they can come back: without what a caller does not repeat. */
export function partsOf(answer: ChatAnswer): readonly AssistantPart[] {
  return answer.choices[0]?.parts ?? [];
}
