import assert from "node:assert/strict";
import type { Verdict } from "../../src/core/verdict.ts";
import type { Evidence } from "../../src/dialect/dialect.ts";
import { judge } from "../../src/dialect/judge.ts";
import { valueAt } from "../../src/core/json.ts";

export const ANTHROPIC = { vendor: "anthropic", dialect: "anthropic", path: "/v1/messages" } as const;
export const GEMINI = {
  vendor: "gemini",
  dialect: "gemini",
  path: "/v1beta/models/m:generateContent",
} as const;
export const REST = { vendor: "other", dialect: "rest", path: "/search" } as const;
export const OTHER = { vendor: "other" } as const;

export function openaiError(code: string | null, message = "…", type = "invalid_request_error"): unknown {
  return { error: { message, type, param: null, code } };
}

export function googleError(code: number, status: string, message: string, ...reasons: string[]): unknown {
  return { error: { code, status, message, details: reasons.map((reason) => ({ reason })) } };
}

export function anthropicError(type: string, message: string): unknown {
  return { type: "error", error: { type, message } };
}

/** The members of a verdict that a row is about; `undefined` means that it must be missing. */
export type Expected = { readonly [Member in keyof Verdict]?: Verdict[Member] | undefined };

/** One answer, and what of its verdict is looked at. */
export type Judged = readonly [name: string, evidence: Evidence, expected: Expected];

/** A test for each row. */
export function testJudged(rows: readonly Judged[]): void {
  for (const [name, evidence, expected] of rows) {
    Deno.test(`judge() reads ${name}`, () => {
      const verdict = judge(evidence);

      const seen = Object.fromEntries(
        Object.keys(expected).map((member) => [member, valueAt(verdict, member)]),
      );
      assert.deepEqual(seen, expected, JSON.stringify(verdict));
    });
  }
}
