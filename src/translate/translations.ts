import type { DialectName } from "../core/provider.ts";
import { ANTHROPIC_CALLER } from "./anthropic_caller.ts";
import { ANTHROPIC_UPSTREAM } from "./anthropic_upstream.ts";
import { GEMINI_CALLER } from "./gemini_caller.ts";
import { GEMINI_UPSTREAM } from "./gemini_upstream.ts";
import { OPENAI_CHAT_CALLER } from "./openai_chat_caller.ts";
import { OPENAI_CHAT_UPSTREAM } from "./openai_chat_upstream.ts";
import { OPENAI_RESPONSES_CALLER } from "./openai_responses_caller.ts";
import type { CallerSide, ChatProtocol, UpstreamSide } from "./sides.ts";

/** Dialects that conversations are translated to. */
export type SpokenDialect = Exclude<DialectName, "rest">;

/** How callers of this protocol speak. */
export function callerSideOf(protocol: ChatProtocol): CallerSide {
  return CALLERS[protocol];
}

/** How providers of this dialect are spoken to: OpenAI's by chat completions, which all of its kin know. */
export function upstreamSideOf(dialect: SpokenDialect): UpstreamSide {
  return UPSTREAMS[dialect];
}

const CALLERS: Readonly<Record<ChatProtocol, CallerSide>> = {
  openai_chat: OPENAI_CHAT_CALLER,
  openai_responses: OPENAI_RESPONSES_CALLER,
  anthropic: ANTHROPIC_CALLER,
  gemini: GEMINI_CALLER,
};

const UPSTREAMS: Readonly<Record<SpokenDialect, UpstreamSide>> = {
  openai: OPENAI_CHAT_UPSTREAM,
  anthropic: ANTHROPIC_UPSTREAM,
  gemini: GEMINI_UPSTREAM,
};
