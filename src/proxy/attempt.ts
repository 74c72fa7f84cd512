import { type BodySource, type Bytes, isBytes } from "../core/http.ts";
import { parseJson } from "../core/json.ts";
import { SEALED, SUCCEEDED, type Verdict } from "../core/verdict.ts";
import type { Dialect } from "../dialect/dialect.ts";
import { dialectOf } from "../dialect/dialects.ts";
import { judgeTransport } from "../dialect/judge_transport.ts";
import { AppError } from "../errors.ts";
import { type Credential, placeCredential } from "../pool/credential.ts";
import { TransportError, type UpstreamAnswer, type UpstreamCall } from "../transport/transport.ts";
import type { Answer } from "./answer.ts";
import { answerBytes, answerStream } from "./answer_upstream.ts";
import { type UsageAsk, usageAskOf } from "./ask_usage.ts";
import type { AttemptResult, Reply } from "./attempt_result.ts";
import { answerFromOther, type AttemptUnderWay, type Opened } from "./attempt_translated.ts";
import { answerTo, drained } from "./caller_left.ts";
import { cleanAnswer } from "./clean_answer.ts";
import { collect } from "./collect.ts";
import { concludeAttempt } from "./conclude_attempt.ts";
import type { Crossing, Spoken } from "./crossing.ts";
import { meterWhole, told } from "./estimate_usage.ts";
import { coolBeforeRefused, isRepeatable, judgeBody, judgeReply, streamCut } from "./judge_attempt.ts";
import { nameAt } from "./named_model.ts";
import { openCredential } from "./open_credential.ts";
import { isArrayStream, isGatedStream, openStream } from "./open_stream.ts";
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
  readonly usageAsk: UsageAsk | undefined;
  /** What the provider tells its usage by: of what passes as it is, too. */
  readonly #meter: Dialect;

  constructor(request: ProxiedRequest, plan: Plan, turn: Turn, deps: AttemptDeps) {
    this.request = request;
    this.#plan = plan;
    this.turn = turn;
    this.#deps = deps;
    this.#startedMs = deps.ticker.now();
    this.crossing = plan.translation?.to(turn.live.provider);
    this.spoken = this.crossing ?? plan;
    const { provider } = turn.live;
    this.mayRepeat = isRepeatable(this.spoken, provider.policy.repeat);
    this.usageAsk = usageAskOf(plan, this.crossing, provider);
    this.#meter = plan.outgoing.isRaw && request.promptEstimate !== undefined
      ? dialectOf(provider.dialect)
      : this.spoken.dialect;
  }

  async run(): Promise<AttemptResult> {
    const { request, turn: { live, lease } } = this;
    request.provider = live.provider.slug;
    request.providerModel = nameAt(this.#plan, live.provider);
    request.upstreamDialect = this.crossing?.dialect.name;
    request.leasedKey = lease.key;
    request.begunAttempts++;
    const credential = openCredential(this.turn, this.#deps);
    if (credential === undefined) return this.fail(SEALED, undefined, false);
    try {
      return await this.#ask(credential);
    } catch (error) {
      // Translated: what the transport could not do becomes a verdict.
      if (!(error instanceof TransportError)) {
        this.fail(judgeTransport("cancelled", true, false));
        throw error;
      }
      const verdict = judgeTransport(error.fault, error.wasSent, this.mayRepeat);
      request.isCutOff = verdict.kind === "client_gone" && error.wasSent;
      const result = this.fail(verdict, undefined, error.wasSent);
      if (error.fault !== "request_body") return result;
      // The caller's own body: it proved too large, or its sender has left.
      request.noticeLeaving();
      if (error.cause instanceof AppError && !request.isGone) throw error.cause;
      return result;
    }
  }

  async #ask(credential: Credential): Promise<AttemptResult> {
    const call = this.send(credential);
    let upstream = cleanAnswer(await this.answerTo(call), credential.secret);
    const isGood = this.isGood(upstream);
    if (this.usageAsk !== undefined && isGood) upstream = this.usageAsk.clean(upstream);
    if (!isGood) return await this.#refusedOrAgain(upstream, credential);
    const { body } = upstream;
    const back = this.crossing?.back;
    if (back !== undefined) return await answerFromOther(this, back, upstream, call, credential);
    return isBytes(body)
      ? this.#whole(upstream, body, credential)
      : await this.#streamed({ ...upstream, body }, call, credential);
  }

  answerTo(call: UpstreamCall): Promise<UpstreamAnswer> {
    return answerTo(call, this.request, this.turn.live.provider.policy, this.#deps.ticker);
  }

  /** Once more with the same key, when it was only the ask for the usage that is refused. */
  async #refusedOrAgain(upstream: UpstreamAnswer, credential: Credential): Promise<AttemptResult> {
    const body = await collect(upstream.body, MAX_REPLY_BYTES);
    if (this.usageAsk?.isRefusedBy(upstream.status, body) === true) return await this.#ask(credential);
    return await this.refused({ ...upstream, body });
  }

  send(own: Credential, more?: OutgoingRequest): UpstreamCall {
    const { provider } = this.turn.live;
    const { connectTimeoutMs, firstByteTimeoutMs, idleTimeoutMs } = provider.policy;
    const first = this.crossing?.outgoing ?? outgoingTo(this.#plan, provider);
    const outgoing = more ?? this.usageAsk?.writeInto(first) ?? first;
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
    const dialect = this.#meter;
    const text = dialect.name === "rest" ? "" : decoder.decode(body);
    // Parsed once for all that is read from it.
    const json = text.startsWith("{") ? parseJson(text) : undefined;
    const failed = this.failInside(upstream, body, text, json);
    if (failed !== undefined) return failed;
    const isStream = isGatedStream(this.spoken, upstream);
    if (isStream && this.spoken.dialect.readEnd(text) === "cut") return this.fail(streamCut(this.mayRepeat));
    this.succeed(upstream);
    this.turn.live.pool.release(this.turn.lease);
    const { request } = this;
    const reported = this.usageAsk?.usage ?? (text === "" ? undefined : dialect.readUsage(text, json));
    request.isStream = isStream || isArrayStream(dialect, this.spoken);
    const metered = isStream ? meterWhole(dialect, text, reported, request.promptEstimate) : told(reported);
    return { kind: "answered", answer: answerBytes(request, upstream, body, metered, credential.secret) };
  }

  /** An error inside a good status. */
  failInside(
    upstream: UpstreamAnswer,
    body: Bytes,
    text: string,
    json: unknown,
  ): AttemptResult | undefined {
    if (text === "" || this.spoken.dialect.readSoftFailure(text, json) !== "error") return undefined;
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
    this.request.isStream = isArrayStream(this.#meter, this.spoken);
    const answer = answerStream(
      this.request,
      this.spoken.dialect,
      upstream,
      opened.held,
      credential.secret,
      { meter: this.#meter, told: () => this.usageAsk?.usage },
      onEnd,
    );
    return { kind: "answered", answer: this.drained(answer) };
  }

  drained(answer: Answer): Answer {
    return drained(answer, this.request, this.turn.live.provider.policy, this.#deps.ticker);
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
    this.request.priced = priceAt(this.#plan, this.turn.live.provider, this.#deps);
    coolBeforeRefused(this.turn, upstream, this.#deps.ticker.now());
  }

  fail(verdict: Verdict, reply?: Reply, wasSent = true): AttemptResult {
    this.#conclude(verdict, reply?.status);
    this.turn.live.pool.release(this.turn.lease);
    return { kind: "failed", verdict, reply, wasSent };
  }

  #conclude(verdict: Verdict, status: number | undefined): void {
    concludeAttempt(this.request, this.turn, this.#startedMs, verdict, status, this.#deps);
  }
}

type StreamedAnswer = UpstreamAnswer & { readonly body: BodySource };

const decoder = new TextDecoder();
