import { type Bytes, type Header, isBytes } from "../core/http.ts";
import { SUCCEEDED, type Verdict } from "../core/verdict.ts";
import { judgeTransport } from "../dialect/judge_transport.ts";
import { type Credential, credentialOf } from "../pool/credential.ts";
import type { LiveProvider } from "../pool/live_providers.ts";
import type { Lease } from "../pool/pool_key.ts";
import { TransportError, type UpstreamAnswer } from "../transport/transport.ts";
import type { Answer } from "./answer.ts";
import { answerBytes, answerStream } from "./answer_upstream.ts";
import {
  coolBeforeRefused,
  isRepeatable,
  judgeBody,
  judgeReply,
  SEALED,
  streamCut,
} from "./judge_attempt.ts";
import { isGatedStream, openStream } from "./open_stream.ts";
import type { AttemptDeps, Plan } from "./plan.ts";
import type { ProxiedRequest } from "./proxied_request.ts";
import { concat } from "./request_body.ts";
import { upstreamRequest } from "./upstream_request.ts";

/** One key of one provider, held for one attempt. */
export interface Turn {
  readonly live: LiveProvider;
  readonly lease: Lease;
}

/** What an upstream answered that is no success, whole and small. */
export interface Reply {
  readonly status: number;
  readonly headers: readonly Header[];
  readonly body: Bytes;
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

/** The key as it is sent, or `undefined` when its stored secret does not open. */
export function openCredential({ live, lease }: Turn, deps: AttemptDeps): Credential | undefined {
  try {
    return credentialOf(live.provider, lease.key, deps.openSecret);
  } catch (error) {
    // Not the request's fault: the key is set aside with the reason, and the next one is taken.
    deps.log.error("key.sealed", { providerKeyId: lease.key.id, error });
    return undefined;
  }
}

/** The first 64 KiB of a body; the rest is given up. */
async function collect(body: UpstreamAnswer["body"]): Promise<Bytes> {
  if (isBytes(body)) return body.subarray(0, MAX_REPLY_BYTES);
  const chunks: Bytes[] = [];
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
