import type { BodySource, Bytes } from "../core/http.ts";
import type { Verdict } from "../core/verdict.ts";
import type { Dialect } from "../dialect/dialect.ts";
import { judgeTransport } from "../dialect/judge_transport.ts";
import type { UpstreamAnswer, UpstreamCall } from "../transport/transport.ts";
import { type Held, holdUntilMeaningful } from "./commit_gate.ts";
import type { Spoken } from "./crossing.ts";
import { isEventStream } from "./headers.ts";
import { isRepeatable, judgeBody, streamCut } from "./judge_attempt.ts";
import type { AttemptDeps } from "./plan.ts";
import type { Turn } from "./turn.ts";

/** What the beginning of a streamed answer showed; `body` is the error that stood there. */
export type Opening =
  | { readonly kind: "open"; readonly held: Held }
  | { readonly kind: "failed"; readonly verdict: Verdict; readonly body: Bytes | undefined };

/** A streamed answer up to the point at which the caller may see it. `deadlineMs`: of the whole request. */
export async function openStream(
  turn: Turn,
  spoken: Spoken,
  deadlineMs: number,
  upstream: UpstreamAnswer,
  source: BodySource,
  call: UpstreamCall,
  deps: AttemptDeps,
): Promise<Opening> {
  if (!isGatedStream(spoken, upstream)) return { kind: "open", held: [] };
  const mayRepeat = isRepeatable(spoken, turn.live.provider.policy.repeat);
  const dueMs = Math.min(deadlineMs, deps.ticker.now() + turn.live.provider.policy.firstByteTimeoutMs);
  const gate = await holdUntilMeaningful(source, spoken.dialect, deps.ticker, dueMs);
  switch (gate.kind) {
    case "open":
      return gate;
    case "error":
      call.abort();
      return {
        kind: "failed",
        verdict: judgeBody(turn, spoken, upstream, gate.body, deps.ticker.now()),
        body: new TextEncoder().encode(gate.body),
      };
    case "ended":
      if (spoken.dialect.readEnd(gate.text) === "cut") {
        return { kind: "failed", verdict: streamCut(mayRepeat), body: undefined };
      }
      return { kind: "open", held: gate.held };
    case "late":
      return {
        kind: "failed",
        verdict: judgeTransport("first_byte_timeout", true, mayRepeat),
        body: undefined,
      };
  }
}

/** Whether an answer is a stream whose events are understood. */
export function isGatedStream({ dialect }: Spoken, { headers }: UpstreamAnswer): boolean {
  return dialect.name !== "rest" && isEventStream(headers);
}

/** Gemini streams one JSON array, unless it is asked for events. */
export function isArrayStream({ name }: Dialect, { outgoing }: Spoken): boolean {
  return name === "gemini" && outgoing.rest.endsWith(":streamGenerateContent");
}
