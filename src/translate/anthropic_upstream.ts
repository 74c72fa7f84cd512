import { readAnthropicAnswer } from "./anthropic_answer_reader.ts";
import { writeAnthropicRequest } from "./anthropic_request_writer.ts";
import { AnthropicStreamReader } from "./anthropic_stream_reader.ts";
import type { UpstreamSide } from "./sides.ts";

/** An upstream that speaks Anthropic's messages. */
export const ANTHROPIC_UPSTREAM: UpstreamSide = {
  protocol: "anthropic",
  writeRequest: writeAnthropicRequest,
  readAnswer: readAnthropicAnswer,
  openStream: () => new AnthropicStreamReader(),
};
