import { evidenceOf } from "./evidence.ts";
import { ANTHROPIC, anthropicError, GEMINI, googleError, openaiError, testJudged } from "./judged.ts";

const tooLong = { kind: "request_bad", action: "answer", isTooLong: true } as const;
const otherwise = { kind: "request_bad", isTooLong: undefined } as const;
const answer = (body: unknown, change = {}) =>
  evidenceOf({ status: 400, body: JSON.stringify(body), ...change });

testJudged([
  ["OpenAI's code of a context that is too long", answer(openaiError("context_length_exceeded")), tooLong],
  [
    "vLLM's words for it",
    answer(openaiError(null, "This model's maximum context length is 8192 tokens.", "BadRequestError"), {
      vendor: "other",
    }),
    tooLong,
  ],
  [
    "the words of the Responses API for it",
    answer(openaiError(null, "Your input exceeds the context window of this model.")),
    tooLong,
  ],
  [
    "Anthropic's words for it",
    answer(
      anthropicError("invalid_request_error", "prompt is too long: 208310 tokens > 200000 maximum"),
      ANTHROPIC,
    ),
    tooLong,
  ],
  [
    "Anthropic's words for a prompt and its answer together",
    answer(
      anthropicError(
        "invalid_request_error",
        "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000",
      ),
      ANTHROPIC,
    ),
    tooLong,
  ],
  [
    "Gemini's words for it",
    answer(
      googleError(
        400,
        "INVALID_ARGUMENT",
        "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
      ),
      GEMINI,
    ),
    tooLong,
  ],
  ["another bad request as no matter of length", answer(openaiError(null, "Invalid value: 'x'")), otherwise],
]);
