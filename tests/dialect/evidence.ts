import type { Evidence } from "../../src/dialect/dialect.ts";

/** Saturday, 21 November 2026, 08:00 UTC: midnight in Los Angeles. */
export const NOW_MS = Date.UTC(2026, 10, 21, 8, 0, 0);

/** What a test says of an answer; a model of `undefined` means that the request names none. */
export type Change = Partial<Omit<Evidence, "model">> & { readonly model?: string | undefined };

/** An answer of OpenAI's chat completions, for tests to change what they are about. */
export function evidenceOf(change: Change): Evidence {
  const { model, ...rest } = { model: "m", ...change };
  return {
    vendor: "openai",
    dialect: "openai",
    status: 400,
    headers: [],
    body: "",
    path: "/v1/chat/completions",
    nowMs: NOW_MS,
    ...rest,
    ...(model === undefined ? {} : { model }),
  };
}

/** Evidence of a JSON body. */
export function jsonEvidence(status: number, body: unknown, change: Change = {}): Evidence {
  return evidenceOf({ status, body: JSON.stringify(body), ...change });
}
