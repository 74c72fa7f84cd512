import { type BodySource, type Bytes, isBytes } from "../core/http.ts";
import { parseJson } from "../core/json.ts";
import type { Verdict } from "../core/verdict.ts";
import type { Credential } from "../pool/credential.ts";
import { AnswerUnreadableError } from "../translate/sides.ts";
import type { UpstreamAnswer, UpstreamCall } from "../transport/transport.ts";
import { answerTranslated, answerTranslatedStream, sourceOf } from "./answer_translated.ts";
import type { Answer } from "./answer.ts";
import type { UsageAsk } from "./ask_usage.ts";
import type { AttemptResult, Reply } from "./attempt_result.ts";
import { cleanAnswer } from "./clean_answer.ts";
import { collect } from "./collect.ts";
import type { Held } from "./commit_gate.ts";
import type { Crossing, Spoken, WayBack, WholeBack } from "./crossing.ts";
import { unreadable } from "./judge_attempt.ts";
import { isGatedStream } from "./open_stream.ts";
import type { ProxiedRequest } from "./proxied_request.ts";
import type { Turn } from "./turn.ts";
import type { OutgoingRequest } from "./upstream_request.ts";

/** An attempt whose upstream has answered with a good status. */
export interface AttemptUnderWay {
  readonly request: ProxiedRequest;
  readonly turn: Turn;
  /** `undefined` for a provider that is asked in the caller's own dialect. */
  readonly crossing: Crossing | undefined;
  readonly spoken: Spoken;
  readonly mayRepeat: boolean;
  send(credential: Credential, more?: OutgoingRequest): UpstreamCall;
  isGood(upstream: UpstreamAnswer): boolean;
  refused(upstream: UpstreamAnswer): Promise<AttemptResult>;
  /** What was told of the usage in a chunk that is not passed on. */
  readonly usageAsk: Pick<UsageAsk, "usage"> | undefined;
  failInside(upstream: UpstreamAnswer, body: Bytes, text: string, json: unknown): AttemptResult | undefined;
  answerTo(call: UpstreamCall): Promise<UpstreamAnswer>;
  drained(answer: Answer): Answer;
  open(upstream: UpstreamAnswer, source: BodySource, call: UpstreamCall): Promise<Opened>;
  succeed(upstream: UpstreamAnswer): void;
  fail(verdict: Verdict, reply?: Reply): AttemptResult;
  end(verdict: Verdict): void;
}

/** The part of a stream that was held back, or what became of the attempt. */
export type Opened = { readonly held: Held } | { readonly result: AttemptResult };

/** Of a whole answer: images and embeddings are the largest. */
const MAX_BYTES = 64 * 1024 * 1024;

/** What becomes of an answer that the caller cannot read as it is. Rejects with a `TransportError`. */
export async function answerFromOther(
  attempt: AttemptUnderWay,
  back: WayBack,
  upstream: UpstreamAnswer,
  call: UpstreamCall,
  credential: Credential,
): Promise<AttemptResult> {
  const stream = isGatedStream(attempt.spoken, upstream) ? back.openStream?.() : undefined;
  if (stream === undefined) return await answerWhole(attempt, back, upstream, credential);
  const body = isBytes(upstream.body) ? sourceOf(upstream.body) : upstream.body;
  const opened = await attempt.open(upstream, body, call);
  if ("result" in opened) return opened.result;
  const first = opened.held.map((chunk) => stream.push(chunk)).join("");
  if (stream.state === "failed") {
    call.abort();
    return attempt.fail(unreadable(attempt.mayRepeat, stream.failure ?? "Cannot read the stream"));
  }
  attempt.succeed(upstream);
  const answer = answerTranslatedStream(
    attempt.request,
    attempt.crossing?.ignored ?? [],
    { ...upstream, body },
    stream,
    first,
    credential.secret,
    () => attempt.usageAsk?.usage,
    (verdict) => attempt.end(verdict),
  );
  return { kind: "answered", answer: attempt.drained(answer) };
}

async function answerWhole(
  attempt: AttemptUnderWay,
  { readWhole }: WayBack,
  upstream: UpstreamAnswer,
  credential: Credential,
): Promise<AttemptResult> {
  const { request, crossing } = attempt;
  const answers: unknown[] = [];
  for (let index = 0, answer = upstream;; index++) {
    const body = await collect(answer.body, MAX_BYTES);
    const text = decoder.decode(body);
    const json = parseJson(text);
    const failed = attempt.failInside(answer, body, text, json);
    if (failed !== undefined) return failed;
    answers.push(json);
    const next = crossing?.more[index];
    if (next === undefined) break;
    const call = attempt.send(credential, next);
    answer = cleanAnswer(await attempt.answerTo(call), credential.secret);
    if (!attempt.isGood(answer)) return await attempt.refused(answer);
  }
  const read = readable(() => readWhole(answers));
  if (typeof read === "string") return attempt.fail(unreadable(attempt.mayRepeat, read));
  if (read.failure !== undefined) return attempt.fail(read.failure);
  attempt.succeed(upstream);
  attempt.turn.live.pool.release(attempt.turn.lease);
  const answer = answerTranslated(request, crossing?.ignored ?? [], upstream, read, credential.secret);
  return { kind: "answered", answer };
}

const decoder = new TextDecoder();

/** What was read, or why it could not be. */
function readable(read: () => WholeBack): WholeBack | string {
  try {
    return read();
  } catch (error) {
    // Judged: the provider has answered something else than its protocol.
    if (error instanceof AnswerUnreadableError) return error.message;
    throw error;
  }
}
