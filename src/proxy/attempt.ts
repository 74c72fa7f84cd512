import { type BodySource, type Header, headerValue, isBytes } from "../core/http.ts";
import type { RepeatRule } from "../core/provider.ts";
import { SUCCEEDED, type Verdict } from "../core/verdict.ts";
import { judge, STREAM_CUT } from "../dialect/judge.ts";
import { judgeTransport } from "../dialect/judge_transport.ts";
import { withoutSecrets } from "../dialect/scrub.ts";
import { exhaustedBefore429 } from "../dialect/wait_hint.ts";
import type { LiveProvider } from "../pool/live_providers.ts";
import type { Lease } from "../pool/pool_key.ts";
import { TransportError, type UpstreamAnswer, type UpstreamCall } from "../transport/transport.ts";
import type { Answer } from "./answer.ts";
import { answerBytes, answerStream } from "./answer_upstream.ts";
import { holdUntilMeaningful } from "./commit_gate.ts";
import { isEventStream } from "./headers.ts";
import type { AttemptDeps, Plan } from "./plan.ts";
import type { ProxiedRequest } from "./proxied_request.ts";
import { concat } from "./request_body.ts";
import { credentialOf, upstreamRequest } from "./upstream_request.ts";

/** One key of one provider, held for one attempt. */
export interface Turn {
  readonly live: LiveProvider;
  readonly lease: Lease;
}

/** What an upstream answered that is no success, whole and small. */
export interface Reply {
  readonly status: number;
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
}

export type AttemptResult =
  | { readonly kind: "answered"; readonly answer: Answer }
  | {
    readonly kind: "failed";
    readonly verdict: Verdict;
    readonly reply: Reply | undefined;
    /** Whether any byte of the request may have gone out. */
    readonly wasSent: boolean;
  };

/** More of a refused answer is neither judged nor passed on. */
const MAX_REPLY_BYTES = 64 * 1024;

/**
 * Sends the request once, with one key, and judges what comes back. A success is on its way to the caller
 * when this returns; of a failure nothing was sent. The lease ends here, or with the answer's body.
 */
export async function attempt(
  request: ProxiedRequest,
  plan: Plan,
  turn: Turn,
  deps: AttemptDeps,
): Promise<AttemptResult> {
  const { live, lease } = turn;
  const { provider } = live;
  const startedMs = deps.ticker.now();
  request.provider = provider.slug;
  const conclude = (verdict: Verdict, status: number | undefined) => {
    live.pool.report(lease, verdict);
    live.note(verdict, deps.ticker.now());
    request.attempts.push({
      providerId: provider.id,
      providerKeyId: lease.key.id,
      startedMs,
      durationMs: deps.ticker.now() - startedMs,
      status,
      kind: verdict.kind,
      rule: verdict.rule,
    });
  };
  const fail = (verdict: Verdict, reply?: Reply, wasSent = true): AttemptResult => {
    conclude(verdict, reply?.status);
    live.pool.release(lease);
    return { kind: "failed", verdict, reply, wasSent };
  };

  const credential = openCredential(turn, deps);
  if (credential === undefined) return fail(SEALED, undefined, false);
  const mayRepeat = isRepeatable(plan, provider.policy.repeat);
  const call = deps.transport.send(upstreamRequest(plan.outgoing, provider, credential, mayRepeat), {
    ...provider.policy,
    deadlineMs: plan.deadlineMs,
  });
  request.onLeave = () => call.abort();
  if (request.isGone) call.abort();
  try {
    const upstream = await call.answer;
    const nowMs = deps.ticker.now();
    const isGood = upstream.status < 300 || upstream.status === 304 ||
      (plan.outgoing.isRaw && upstream.status < 400);
    if (!isGood) {
      const body = await collect(upstream.body);
      return fail(judgeReply(turn, plan, upstream, body, nowMs), { ...upstream, body });
    }
    if (isBytes(upstream.body)) {
      const text = plan.dialect.name === "rest" ? "" : decoder.decode(upstream.body);
      if (text !== "" && plan.dialect.readSoftFailure(text) === "error") {
        const verdict = judgeBody(turn, plan, upstream, text, nowMs);
        if (verdict.kind !== "succeeded") return fail(verdict, { ...upstream, body: upstream.body });
      }
      if (isGatedStream(plan, upstream) && plan.dialect.readEnd(text) === "cut") {
        return fail(streamCut(mayRepeat));
      }
      conclude(SUCCEEDED, upstream.status);
      coolBeforeRefused(turn, upstream, nowMs);
      live.pool.release(lease);
      const usage = text === "" ? undefined : plan.dialect.readUsage(text);
      return {
        kind: "answered",
        answer: answerBytes(request, upstream, upstream.body, usage, credential.secret),
      };
    }
    const opened = await openStream(turn, plan, upstream, upstream.body, call, deps);
    if (opened.kind === "failed") {
      return fail(opened.verdict, opened.body === undefined ? undefined : { ...upstream, body: opened.body });
    }
    conclude(SUCCEEDED, upstream.status);
    coolBeforeRefused(turn, upstream, nowMs);
    const answer = answerStream(
      request,
      plan,
      { ...upstream, body: upstream.body },
      opened.held,
      credential.secret,
      (verdict) => {
        if (verdict.kind !== "succeeded") live.note(verdict, deps.ticker.now());
        live.pool.release(lease);
      },
    );
    return { kind: "answered", answer };
  } catch (error) {
    // Translated: what the transport could not do becomes a verdict.
    if (!(error instanceof TransportError)) {
      fail(judgeTransport("cancelled", true, false));
      throw error;
    }
    return fail(judgeTransport(error.fault, error.wasSent, mayRepeat), undefined, error.wasSent);
  }
}

const decoder = new TextDecoder();

/** The stored secret does not open: nothing of it can be used, and no other key is to blame. */
const SEALED: Verdict = {
  kind: "key_dead",
  scope: "key",
  action: "next_key",
  isConclusive: true,
  rule: "keyring.sealed",
  reason: "Cannot open the stored secret with this master key",
};

function openCredential({ live, lease }: Turn, deps: AttemptDeps) {
  try {
    return credentialOf(live.provider, lease.key, deps.openSecret);
  } catch (error) {
    // Not the request's fault: the key is set aside with the reason, and the next one is taken.
    deps.log.error("key.sealed", { providerKeyId: lease.key.id, error });
    return undefined;
  }
}

function judgeReply(
  turn: Turn,
  plan: Plan,
  upstream: UpstreamAnswer,
  body: Uint8Array,
  nowMs: number,
): Verdict {
  // A redirect is never followed with a credential; for an LLM provider it is no answer either.
  if (upstream.status < 400) return REDIRECTED;
  const isReadable = headerValue(upstream.headers, "content-encoding") === undefined;
  return judgeBody(turn, plan, upstream, isReadable ? decoder.decode(body) : "", nowMs);
}

const REDIRECTED: Verdict = {
  kind: "provider_down",
  scope: "upstream",
  action: "answer",
  isConclusive: false,
  rule: "status.3xx",
  reason: "The provider redirects, and a redirect is not followed with a key",
};

/** What is judged is also remembered and shown as the reason, so the key is cut out before. */
function judgeBody(
  { live, lease }: Turn,
  plan: Plan,
  upstream: UpstreamAnswer,
  body: string,
  nowMs: number,
): Verdict {
  const evidence = {
    vendor: live.provider.vendor,
    dialect: plan.dialect.name,
    status: upstream.status,
    headers: upstream.headers,
    body: withoutSecrets(body, lease.key.secret === undefined ? [] : [lease.key.secret.reveal()]),
    path: plan.outgoing.rest,
    nowMs,
  };
  return judge(plan.model === undefined ? evidence : { ...evidence, model: plan.model });
}

/** Whether the request may be sent again after its bytes went out and brought no answer. */
function isRepeatable({ outgoing, dialect }: Plan, rule: RepeatRule): boolean {
  if (outgoing.body !== undefined && !isBytes(outgoing.body)) return false;
  return rule === "always" || (rule === "safe" && dialect.isRepeatable(outgoing.method, outgoing.rest));
}

/** "x-ratelimit-remaining: 0" beside a good answer: the next request would be refused, so it is not sent. */
function coolBeforeRefused({ live, lease }: Turn, upstream: UpstreamAnswer, nowMs: number): void {
  const hint = exhaustedBefore429(upstream.headers, live.provider.vendor, nowMs);
  if (hint === undefined) return;
  live.pool.report(lease, {
    kind: "key_limited",
    scope: lease.model === undefined ? "key" : "key_model",
    action: "answer",
    isConclusive: true,
    rule: "headers.nothing_remains",
    ...hint,
  });
}

type Opening =
  | { readonly kind: "open"; readonly held: readonly Uint8Array[] }
  | { readonly kind: "failed"; readonly verdict: Verdict; readonly body: Uint8Array | undefined };

function isGatedStream({ dialect }: Plan, { headers }: UpstreamAnswer): boolean {
  return dialect.name !== "rest" && isEventStream(headers);
}

/** A stream that ended before anything of it was passed on. */
function streamCut(mayRepeat: boolean): Verdict {
  return mayRepeat ? STREAM_CUT : { ...STREAM_CUT, action: "answer" };
}

/** A streamed answer up to the point at which the caller may see it. */
async function openStream(
  turn: Turn,
  plan: Plan,
  upstream: UpstreamAnswer,
  source: BodySource,
  call: UpstreamCall,
  deps: AttemptDeps,
): Promise<Opening> {
  if (!isGatedStream(plan, upstream)) return { kind: "open", held: [] };
  const mayRepeat = isRepeatable(plan, turn.live.provider.policy.repeat);
  const dueMs = Math.min(plan.deadlineMs, deps.ticker.now() + turn.live.provider.policy.firstByteTimeoutMs);
  const gate = await holdUntilMeaningful(source, plan.dialect, deps.ticker, dueMs);
  switch (gate.kind) {
    case "open":
      return gate;
    case "error":
      call.abort();
      return {
        kind: "failed",
        verdict: judgeBody(turn, plan, upstream, gate.body, deps.ticker.now()),
        body: new TextEncoder().encode(gate.body),
      };
    case "ended":
      if (plan.dialect.readEnd(gate.text) === "cut") {
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

/** The first 64 KiB of a body; the rest is given up. */
async function collect(body: UpstreamAnswer["body"]): Promise<Uint8Array> {
  if (isBytes(body)) return body.subarray(0, MAX_REPLY_BYTES);
  const chunks: Uint8Array[] = [];
  let size = 0;
  while (size < MAX_REPLY_BYTES) {
    const chunk = await body.read();
    if (chunk === undefined) return concat(chunks, size);
    chunks.push(chunk);
    size += chunk.byteLength;
  }
  body.cancel();
  return concat(chunks, size).subarray(0, MAX_REPLY_BYTES);
}
