/**
 * What the canned upstream of the benchmarks answers: a chat completion of 600 bytes in OpenAI's true shape,
 * and the same as a stream of 50 events, each in a chunk of its own.
 */

export const STREAM_EVENTS = 50;

/** The path that all relays are asked for; the canned upstream answers any. */
export const CHAT_PATH = "/v1/chat/completions";
/** Before the path: relays send what begins with it to the upstream of the streams. */
export const STREAM_PREFIX = "/llm/streams";

/** How the upstream sends a stream; stands in the request's `user` member, which every relay passes on. */
export const PACES = ["paced", "held"] as const;
export type Pace = (typeof PACES)[number];

/** Milliseconds between two chunks of a `paced` stream. */
export const PACE_MS = 10;

const ID = "chatcmpl-CbDaQ3o1k8mZp5XyV2tRw7Ns4Lh0E";
const USAGE =
  `"usage":{"prompt_tokens":187,"completion_tokens":42,"total_tokens":229,"prompt_tokens_details":{"cached_tokens":128},"completion_tokens_details":{"reasoning_tokens":0}}`;
const TEXT =
  "Round robin hands each request to the next key in turn. A key that is limited rests until its deadline, and the turn passes it over meanwhile. ";

/** A chat completion of 600 bytes. */
export const COMPLETION = completion(600);

/** Headers that providers send beside every answer. */
export const ANSWER_HEADERS: readonly (readonly [string, string])[] = [
  ["x-request-id", "req_7b1f0c9e5d3a4e21"],
  ["openai-processing-ms", "412"],
  ["x-ratelimit-limit-requests", "5000"],
  ["x-ratelimit-remaining-requests", "4999"],
  ["x-ratelimit-reset-requests", "12ms"],
];

/** The stream's events, the end mark joined to the last one as providers mostly send it. */
export const EVENTS: readonly string[] = Array.from({ length: STREAM_EVENTS }, (_, index) => {
  const isLast = index === STREAM_EVENTS - 1;
  const delta = index === 0 ? `{"role":"assistant","content":""}` : `{"content":" key"}`;
  const choices = isLast ? "[]" : `[{"index":0,"delta":${delta},"logprobs":null,"finish_reason":null}]`;
  const event = `data: {"id":"${ID}","object":"chat.completion.chunk","created":1782900000,` +
    `"model":"gpt-4o-mini","system_fingerprint":"fp_8bda4d3a2c","choices":${choices}${
      isLast ? `,${USAGE}` : ""
    }}\n\n`;
  return isLast ? `${event}data: [DONE]\n\n` : event;
});

/** A chat request of about 1 KB. */
export function chatRequest(pace?: Pace): string {
  const request = {
    model: "gpt-4o-mini",
    messages: [
      { role: "system", content: "You answer in one sentence." },
      { role: "user", content: TEXT.repeat(7).slice(0, 780) },
    ],
    temperature: 0.2,
    max_tokens: 128,
    ...(pace !== undefined && { stream: true, stream_options: { include_usage: true }, user: pace }),
  };
  return JSON.stringify(request);
}

function completion(bytes: number): string {
  const frame = (text: string) =>
    `{"id":"${ID}","object":"chat.completion","created":1782900000,"model":"gpt-4o-mini","choices":[{"index":0,` +
    `"message":{"role":"assistant","content":"${text}","refusal":null},"logprobs":null,"finish_reason":"stop"}],` +
    `${USAGE},"system_fingerprint":"fp_8bda4d3a2c"}`;
  return frame(TEXT.repeat(4).slice(0, bytes - frame("").length));
}
