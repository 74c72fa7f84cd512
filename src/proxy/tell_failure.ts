import type { Bytes } from "../core/http.ts";
import type { Secret } from "../core/secret.ts";
import type { Verdict } from "../core/verdict.ts";
import { dialectOf } from "../dialect/dialects.ts";
import { type ErrorBody, readErrorBody } from "../dialect/error_body.ts";
import { scrub, withoutSecrets } from "../dialect/scrub.ts";
import { AppError } from "../errors.ts";
import type { LiveProvider } from "../pool/live_providers.ts";
import type { Answer } from "./answer.ts";
import { nameForCaller } from "./answer_translated.ts";
import type { AttemptResult, Reply } from "./attempt_result.ts";
import { callerHeaders, translatedHeaders } from "./headers.ts";
import type { ProxiedRequest } from "./proxied_request.ts";

export type FailedAttempt = Extract<AttemptResult, { kind: "failed" }>;

/**
 * Passes the upstream's own words on, without the keys in them; without any, says what happened. `asked` are all
 * providers whose keys may stand in them.
 * @throws {AppError}
 */
export function tellFailure(
  request: ProxiedRequest,
  asked: readonly LiveProvider[],
  isRaw: boolean,
  { verdict, reply }: FailedAttempt,
): Answer {
  const tried = secretsOf(request, asked);
  const secrets = tried.map((secret) => secret.reveal());
  const isTellable = reply !== undefined && reply.status >= 400;
  if (!isTellable) throw upstreamError(verdict, secrets);
  if (reply.isForeign) return tellForeign(request, verdict, reply, tried);
  request.begin();
  const answer = {
    status: reply.status,
    headers: callerHeaders(reply.headers, request.notes(), tried),
    body: cleanBody(reply, secrets, isRaw),
  };
  request.finish(reply.status, "failed");
  return answer;
}

/** The keys that this request was tried with. */
function secretsOf(request: ProxiedRequest, asked: readonly LiveProvider[]): Secret[] {
  return request.attempts.flatMap(({ providerId, providerKeyId }) => {
    const live = asked.find(({ provider }) => provider.id === providerId);
    const secret = live?.pool.get(providerKeyId)?.secret;
    return secret === undefined ? [] : [secret];
  });
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/**
 * Providers repeat keys in their errors. What is passed through as it is loses the very keys only, and stays the same
 * bytes without them.
 */
function cleanBody(reply: Reply, secrets: readonly string[], isRaw: boolean): Bytes {
  if (isCompressed(reply)) return reply.body;
  const text = decoder.decode(reply.body);
  const clean = isRaw ? withoutSecrets(text, secrets) : scrub(text, secrets);
  return clean === text ? reply.body : encoder.encode(clean);
}

function isCompressed({ headers }: Reply): boolean {
  return headers.some(([name]) => name === "content-encoding");
}

function upstreamError({ kind, rule, reason }: Verdict, secrets: readonly string[]): AppError {
  const isTimeout = rule === "transport.first_byte_timeout" || rule === "transport.deadline" ||
    rule === "transport.connect_timeout" || rule === "transport.idle_timeout";
  if (isTimeout) return new AppError("upstream_timeout", "The provider did not answer in time");
  // An error inside a 200 or a stream: its words are all there is.
  const isOfRequest = kind === "request_bad" || kind === "request_too_big_for_key" || kind === "model_denied";
  return new AppError(
    isOfRequest ? "invalid_request" : "upstream_failed",
    scrub(reason ?? "The provider could not be reached, or broke off its answer", secrets),
  );
}

/** An upstream's refusal in the caller's own dialect: its message and its kind of error, and its id in a header. */
function tellForeign(
  request: ProxiedRequest,
  verdict: Verdict,
  reply: Reply,
  tried: readonly Secret[],
): Answer {
  const said = readErrorBody(isCompressed(reply) ? "" : decoder.decode(reply.body));
  const status = statusFor(request, reply.status);
  request.begin();
  const headers = translatedHeaders(reply.headers, "application/json", request.notes(), [], tried);
  const secrets = tried.map((secret) => secret.reveal());
  nameForCaller(request, headers);
  const upstreamId = headers.find(([name]) => name === "x-upstream-request-id")?.[1];
  const body = dialectOf(request.dialect).renderError({
    status,
    code: scrub(codeOf(said, verdict, status), secrets),
    message: scrub(messageOf(request, said, verdict), secrets),
    requestId: request.id,
    ...(upstreamId !== undefined && { details: { upstream_request_id: upstreamId } }),
  });
  request.finish(status, "failed");
  return { status, headers, body: encoder.encode(body) };
}

/** What a status of the upstream says to this caller, whose own key is fine. */
function statusFor({ dialect }: ProxiedRequest, status: number): number {
  if (status === 401 || status === 402 || status === 407) return 502;
  // Anthropic alone has it (platform.claude.com/docs/en/api/errors).
  return status === 529 && dialect !== "anthropic" ? 503 : status;
}

function codeOf({ code, status: name, type }: ErrorBody, { isTooLong }: Verdict, status: number): string {
  // The code by which clients of OpenAI shorten a conversation and try again.
  if (isTooLong === true) return "context_length_exceeded";
  const word = /^\d*$/.test(code) ? name.toLowerCase() || type : code;
  return word || (status >= 500 ? "upstream_failed" : "invalid_request");
}

/** Words by which clients of Anthropic do the same. */
const TOO_LONG = "prompt is too long";

function messageOf(
  { dialect }: ProxiedRequest,
  { message }: ErrorBody,
  { isTooLong, reason }: Verdict,
): string {
  const words = message || reason || "The provider refused the request";
  return isTooLong === true && dialect === "anthropic" && !words.includes(TOO_LONG)
    ? `${TOO_LONG}: ${words}`
    : words;
}
