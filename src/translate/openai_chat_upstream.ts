import { readOpenAiChatAnswer } from "./openai_chat_read_answer.ts";
import { openOpenAiChatReader } from "./openai_chat_stream_reader.ts";
import { writeOpenAiChatRequest } from "./openai_chat_write_request.ts";
import type { UpstreamSide } from "./sides.ts";

/** A provider that speaks chat completions: OpenAI, or one of the many that imitate it. */
export const OPENAI_CHAT_UPSTREAM: UpstreamSide = {
  protocol: "openai_chat",
  writeRequest: writeOpenAiChatRequest,
  readAnswer: readOpenAiChatAnswer,
  openStream: openOpenAiChatReader,
};
