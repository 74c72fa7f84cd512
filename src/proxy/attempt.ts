import { type BodySource, type Bytes, isBytes } from "../core/http.ts";
import { SEALED, SUCCEEDED, type Verdict } from "../core/verdict.ts";
import { judgeTransport } from "../dialect/judge_transport.ts";
import { type Credential, credentialOf, placeCredential } from "../pool/credential.ts";
import { TransportError, type UpstreamAnswer, type UpstreamCall } from "../transport/transport.ts";
import { answerBytes, answerStream } from "./answer_upstream.ts";
import type { AttemptResult, Reply } from "./attempt_result.ts";
import { answerFromOther, type AttemptUnderWay, type Opened } from "./attempt_translated.ts";
import { cleanAnswer } from "./clean_answer.ts";
import { collect } from "./collect.ts";
import type { Crossing, Spoken } from "./crossing.ts";
import { coolBeforeRefused, isRepeatable, judgeBody, judgeReply, streamCut } from "./judge_attempt.ts";
import { isGatedStream, openStream } from "./open_stream.ts";
import { type AttemptDeps, outgoingTo, type Plan, priceAt } from "./plan.ts";
import type { ProxiedRequest } from "./proxied_request.ts";
import type { Turn } from "./turn.ts";
import { type OutgoingRequest, upstreamRequest } from "./upstream_request.ts";

/** More of a refused answer is neither judged nor passed on. */
const MAX_REPLY_BYTES = 64 * 1024;

const BEARER = { kind: "bearer" } as const;

/**
 * Sends the request once, with one key, and judges what comes back. A success is on its way to the caller
 * when this returns; of a failure nothing was sent. The lease ends here, or with the answer's body.
 */
export function attempt(
  request: ProxiedRequest,
  plan: Plan,
  turn: Turn,
  deps: AttemptDeps,
): Promise<AttemptResult> {
  return new Attempt(request, plan, turn, deps).run();
}

/** A class, because closures that share one scope would keep all of it alive (docs/performance.md). */
class Attempt implements AttemptUnderWay {
  readonly request: ProxiedRequest;
  readonly #plan: Plan;
  readonly turn: Turn;
  readonly #deps: AttemptDeps;
  /** `undefined` for a provider that is asked in the caller's own dialect. */
  readonly crossing: Crossing | undefined;
  readonly spoken: Spoken;
  readonly #startedMs: number;
  readonly mayRepeat: boolean;

  constructor(request: ProxiedRequest, plan: Plan, turn: Turn, deps: AttemptDeps) {
    this.request = request;
    this.#plan = plan;
    this.turn = turn;
    this.#deps = deps;
    this.#startedMs = deps.ticker.now();
    this.crossing = plan.translation?.to(turn.live.provider);
    this.spoken = this.crossing ?? plan;
    this.mayRepeat = isRepeatable(this.spoken, turn.live.provider.policy.repeat);
  }

  async run(): Promise<AttemptResult> {
    this.request.provider = this.turn.live.provider.slug;
    const credential = openCredential(this.turn, this.#deps);
    if (credential === undefined) return this.fail(SEALED, undefined, false);
    const call = this.send(credential);
    this.request.underway = call;
    if (this.request.isGone) call.abort();
    try {
      const upstream = cleanAnswer(await call.answer, credential.secret);
      const { body } = upstream;
      if (!this.isGood(upstream)) return await this.refused(upstream);
      const back = this.crossing?.back;
      if (back !== undefined) return await answerFromOther(this, back, upstream, call, credential);
      return isBytes(body)
        ? this.#whole(upstream, body, credential)
        : await this.#streamed({ ...upstream, body }, call, credential);
    } catch (error) {
      // Translated: what the transport could not do becomes a verdict.
      if (!(error instanceof TransportError)) {
        this.fail(judgeTransport("cancelled", true, false));
        throw error;
      }
      const verdict = judgeTransport(error.fault, error.wasSent, this.mayRepeat);
      return this.fail(verdict, undefined, error.wasSent);
    }
  }

  send(own: Credential, more?: OutgoingRequest): UpstreamCall {
    const { provider } = this.turn.live;
    const { connectTimeoutMs, firstByteTimeoutMs, idleTimeoutMs } = provider.policy;
    const outgoing = more ?? this.crossing?.outgoing ?? outgoingTo(this.#plan, provider);
    const credential = this.crossing?.isBearer === true ? placeCredential(own.secret, BEARER) : own;
    return this.#deps.transport.send(upstreamRequest(outgoing, provider, credential, this.mayRepeat), {
      connectTimeoutMs,
      firstByteTimeoutMs,
      idleTimeoutMs,
      deadlineMs: this.#plan.deadlineMs,
    });
  }

  isGood({ status }: UpstreamAnswer): boolean {
    return status < 300 || status === 304 || (this.#plan.outgoing.isRaw && status < 400);
  }

  async refused(upstream: UpstreamAnswer): Promise<AttemptResult> {
    const body = await collect(upstream.body, MAX_REPLY_BYTES);
    const verdict = judgeReply(this.turn, this.spoken, upstream, body, this.#deps.ticker.now());
    return this.fail(verdict, this.#replyOf(upstream, body));
  }

  #replyOf({ status, headers }: UpstreamAnswer, body: Bytes): Reply {
    return { status, headers, body, isForeign: this.crossing !== undefined };
  }

  #whole(upstream: UpstreamAnswer, body: Bytes, credential: Credential): AttemptResult {
    const { dialect } = this.spoken;
    const text = dialect.name === "rest" ? "" : decoder.decode(body);
    const failed = this.failInside(upstream, body, text);
    if (failed !== undefined) return failed;
    if (isGatedStream(this.spoken, upstream) && dialect.readEnd(text) === "cut") {
      return this.fail(streamCut(this.mayRepeat));
    }
    this.succeed(upstream);
    this.turn.live.pool.release(this.turn.lease);
    const usage = text === "" ? undefined : dialect.readUsage(text);
    return { kind: "answered", answer: answerBytes(this.request, upstream, body, usage, credential.secret) };
  }

  /** An error inside a good status. */
  failInside(upstream: UpstreamAnswer, body: Bytes, text: string): AttemptResult | undefined {
    if (text === "" || this.spoken.dialect.readSoftFailure(text) !== "error") return undefined;
    const verdict = judgeBody(this.turn, this.spoken, upstream, text, this.#deps.ticker.now());
    return verdict.kind === "succeeded" ? undefined : this.fail(verdict, this.#replyOf(upstream, body));
  }

  async #streamed(
    upstream: StreamedAnswer,
    call: UpstreamCall,
    credential: Credential,
  ): Promise<AttemptResult> {
    const opened = await this.open(upstream, upstream.body, call);
    if ("result" in opened) return opened.result;
    this.succeed(upstream);
    const onEnd = (verdict: Verdict) => this.end(verdict);
    const { dialect } = this.spoken;
    const answer = answerStream(this.request, dialect, upstream, opened.held, credential.secret, onEnd);
    return { kind: "answered", answer };
  }

  async open(
    upstream: UpstreamAnswer,
    source: BodySource,
    call: UpstreamCall,
  ): Promise<Opened> {
    const opened = await openStream(
      this.turn,
      this.spoken,
      this.#plan.deadlineMs,
      upstream,
      source,
      call,
      this.#deps,
    );
    if (opened.kind === "open") return opened;
    const { verdict, body } = opened;
    return { result: this.fail(verdict, body === undefined ? undefined : this.#replyOf(upstream, body)) };
  }

  /** The body of a good answer is over. */
  end(verdict: Verdict): void {
    const { live, lease } = this.turn;
    if (verdict.kind !== "succeeded") {
      live.note(verdict, this.#deps.ticker.now());
      this.#deps.groups.note(live, verdict);
    }
    live.pool.release(lease);
  }

  succeed(upstream: UpstreamAnswer): void {
    this.#conclude(SUCCEEDED, upstream.status);
    const request = this.request;
    if (request.spendsMoney) request.price = priceAt(this.#plan, this.turn.live.provider);
    coolBeforeRefused(this.turn, upstream, this.#deps.ticker.now());
  }

  fail(verdict: Verdict, reply?: Reply, wasSent = true): AttemptResult {
    this.#conclude(verdict, reply?.status);
    this.turn.live.pool.release(this.turn.lease);
    return { kind: "failed", verdict, reply, wasSent };
  }

  #conclude(verdict: Verdict, status: number | undefined): void {
    const { live, lease } = this.turn;
    const nowMs = this.#deps.ticker.now();
    const durationMs = nowMs - this.#startedMs;
    live.pool.report(lease, verdict);
    // A secret that does not open has shown nothing of the upstream.
    live.note(verdict === SEALED ? undefined : verdict, nowMs);
    this.#deps.groups.note(live, verdict, durationMs);
    this.request.attempts.push({
      providerId: live.provider.id,
      providerKeyId: lease.key.id,
      startedMs: this.#startedMs,
      durationMs,
      status,
      kind: verdict.kind,
      rule: verdict.rule,
    });
  }
}

type StreamedAnswer = UpstreamAnswer & { readonly body: BodySource };

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
