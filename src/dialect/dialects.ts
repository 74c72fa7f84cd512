import type { DialectName } from "../core/provider.ts";
import { ANTHROPIC } from "./anthropic.ts";
import type { Dialect } from "./dialect.ts";
import { GEMINI } from "./gemini.ts";
import { OPENAI } from "./openai.ts";
import { REST } from "./rest.ts";

/** The wire protocol of this name. */
export function dialectOf(name: DialectName): Dialect {
  return BY_NAME[name];
}

const BY_NAME: Readonly<Record<DialectName, Dialect>> = {
  openai: OPENAI,
  anthropic: ANTHROPIC,
  gemini: GEMINI,
  rest: REST,
};
