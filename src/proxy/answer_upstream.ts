import { type BodySource, type Bytes, type Header, headerValue } from "../core/http.ts";
import type { Secret } from "../core/secret.ts";
import type { TokenUsage } from "../core/usage.ts";
import { SUCCEEDED, type Verdict } from "../core/verdict.ts";
import { STREAM_CUT } from "../dialect/judge.ts";
import { judgeTransport } from "../dialect/judge_transport.ts";
import type { Dialect, StreamEnd } from "../dialect/dialect.ts";
import type { Answer } from "./answer.ts";
import type { Held } from "./commit_gate.ts";
import { charactersOf, meter, type Metered } from "./estimate_usage.ts";
import { callerHeaders, isEventStream } from "./headers.ts";
import { PassingBody, type PassingEnd, type Seen } from "./passing_body.ts";
import type { ProxiedRequest } from "./proxied_request.ts";
import { concat } from "./request_body.ts";

/** A good answer that came whole; the request is over with it. `secret` is the key that it was asked with. */
export function answerBytes(
  request: ProxiedRequest,
  upstream: { readonly status: number; readonly headers: readonly Header[] },
  body: Bytes,
  { usage, source }: Metered,
  secret: Secret,
): Answer {
  request.begin();
  const headers = callerHeaders(upstream.headers, request.notes(), [secret]);
  request.finish(upstream.status, "succeeded", usage, source);
  return { status: upstream.status, headers, body };
}

/**
 * A good answer that is still coming; the request is over with its last byte. `onEnd` hears once how it went.
 * A stream of events that breaks, or ends without its end mark, is ended with an error in its own protocol.
 */
export function answerStream(
  request: ProxiedRequest,
  dialect: Dialect,
  upstream: { readonly status: number; readonly headers: readonly Header[]; readonly body: BodySource },
  held: Held,
  secret: Secret,
  { meter: metered, told }: Metering,
  onEnd: (verdict: Verdict) => void,
): Answer {
  const areEvents = isEventStream(upstream.headers);
  const isStream = dialect.name !== "rest" && areEvents;
  request.isStream ||= areEvents;
  request.begin();
  const headers = callerHeaders(upstream.headers, request.notes(), [secret]);
  if (isStream) addStreamHeaders(headers);
  const body = new PassingBody({
    source: upstream.body,
    held,
    onEnd(end, seen) {
      const text = metered.name === "rest" ? "" : decode(seen);
      const { verdict, mustTell } = judgeEnd(end, isStream ? dialect.readEnd(text) : "complete");
      onEnd(verdict);
      const reported = told() ?? (text === "" ? undefined : metered.readUsage(text));
      const { usage, source } = meter({
        reported,
        isFinal: verdict.kind === "succeeded" || hasLastWord(metered, reported),
        promptEstimate: request.promptEstimate,
        characters: () => charactersOf(metered, text, seen),
      });
      request.finish(upstream.status, outcomeOf(verdict), usage, source);
      return mustTell && isStream ? encoder.encode(renderCut(request, dialect)) : undefined;
    },
  });
  request.underway = { abort: () => body.cancel() };
  return { status: upstream.status, headers, body };
}

/** By whose words usage is read, and what of it was `told` in a chunk that is not passed on. */
export interface Metering {
  readonly meter: Dialect;
  readonly told: () => TokenUsage | undefined;
}

/** Whether the counts of an answer that is not whole are those of its end all the same; Gemini tells them so far. */
function hasLastWord({ name }: Dialect, reported: TokenUsage | undefined): boolean {
  return name !== "gemini" && reported?.outputTokens !== undefined;
}

/** What a caller is told of an answer that is not whole. */
export const BROKEN_OFF = "The provider broke off in the middle of its answer";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Proxies in front (nginx, CDNs) hold small chunks back unless they are told not to. */
export function addStreamHeaders(headers: [string, string][]): void {
  if (headerValue(headers, "cache-control") === undefined) {
    headers.push(["cache-control", "no-cache, no-transform"]);
  }
  headers.push(["x-accel-buffering", "no"]);
}

interface Ending {
  readonly verdict: Verdict;
  /** Whether the caller must be told that this is not the whole answer. */
  readonly mustTell: boolean;
}

function judgeEnd(end: PassingEnd, streamEnd: StreamEnd): Ending {
  switch (end.kind) {
    case "left":
      return { verdict: judgeTransport("cancelled", true, false), mustTell: false };
    case "broken":
      return { verdict: judgeTransport("reset", true, false), mustTell: true };
    case "ended":
      if (streamEnd === "complete") return { verdict: SUCCEEDED, mustTell: false };
      // The upstream's own error event has gone to the caller already.
      return { verdict: STREAM_CUT, mustTell: streamEnd === "cut" };
  }
}

/** How a request ended whose answer ended so. */
export function outcomeOf(verdict: Verdict) {
  if (verdict.kind === "succeeded") return "succeeded";
  return verdict.kind === "client_gone" ? "client_gone" : "interrupted";
}

function renderCut(request: ProxiedRequest, dialect: Dialect): string {
  return dialect.renderStreamError({
    status: 502,
    code: "upstream_failed",
    message: BROKEN_OFF,
    requestId: request.id,
  });
}

/** The first chunk counts because Anthropic's streams state the prompt's tokens there. */
function decode({ head, tail }: Seen): string {
  const chunks = head === undefined || tail[0] === head ? tail : [head, ...tail];
  return decoder.decode(concat(chunks, chunks.reduce((size, chunk) => size + chunk.byteLength, 0)));
}
