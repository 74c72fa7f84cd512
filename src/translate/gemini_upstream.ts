import { readGeminiAnswer } from "./gemini_answer_reader.ts";
import { writeGeminiRequest } from "./gemini_request_writer.ts";
import { GeminiStreamReader } from "./gemini_stream_reader.ts";
import type { UpstreamSide } from "./sides.ts";

/** Google AI Studio's Gemini API as an upstream. */
export const GEMINI_UPSTREAM: UpstreamSide = {
  protocol: "gemini",
  writeRequest: writeGeminiRequest,
  readAnswer: readGeminiAnswer,
  openStream: () => new GeminiStreamReader(),
};
