import { type Body, EMPTY_BODY, type Header, headerValue, isBytes } from "../core/http.ts";
import type { Provider } from "../core/provider.ts";
import type { Verdict } from "../core/verdict.ts";
import { judge } from "../dialect/judge.ts";
import { judgeTransport } from "../dialect/judge_transport.ts";
import { withoutSecrets } from "../dialect/scrub.ts";
import type { Ticker } from "../core/watch.ts";
import type { Credential } from "../pool/credential.ts";
import { baseOf, joinPath, versionRule } from "../transport/provider_path.ts";
import { type Transport, TransportError } from "../transport/transport.ts";

export interface UpstreamDeps {
  readonly transport: Transport;
  readonly ticker: Ticker;
}

/** What a GET of our own has brought: the verdict as for a caller's request, and the text when it is a success. */
export interface Fetched {
  readonly verdict: Verdict;
  readonly text: string;
}

/** One GET to a provider, and how to give it up. */
export interface UpstreamGet {
  readonly provider: Provider;
  readonly credential: Credential;
  /** Behind the provider's prefix, with its query. */
  readonly path: string;
  /** No more of the answer is read. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/** Asks a provider for something that costs nothing, the same way as callers' requests go. Never rejects. */
export async function getUpstream({ transport, ticker }: UpstreamDeps, get: UpstreamGet): Promise<Fetched> {
  const { provider, credential, signal } = get;
  const { origin, prefix } = baseOf(provider);
  const [rest = "", query = ""] = get.path.split("?", 2);
  const parameters = [query, credential.parameter ?? ""].filter((part) => part !== "").join("&");
  const path = joinPath(prefix, rest, versionRule(provider, false));
  const { connectTimeoutMs, firstByteTimeoutMs, idleTimeoutMs } = provider.policy;
  const call = transport.send({
    origin,
    method: "GET",
    path: parameters === "" ? path : `${path}?${parameters}`,
    headers: headersOf(provider, credential),
    mayRepeat: true,
  }, {
    connectTimeoutMs,
    firstByteTimeoutMs: Math.min(firstByteTimeoutMs, PATIENCE_MS),
    idleTimeoutMs: Math.min(idleTimeoutMs, PATIENCE_MS),
    deadlineMs: ticker.now() + PATIENCE_MS,
  });
  const abort = () => call.abort();
  if (signal?.aborted === true) abort();
  signal?.addEventListener("abort", abort);
  try {
    const { status, headers, body } = await call.answer;
    const isReadable = headerValue(headers, "content-encoding") === undefined;
    const bytes = await collect(body, get.maxBytes);
    const text = isReadable ? new TextDecoder().decode(bytes) : "";
    return { verdict: verdictOn(provider, credential, rest, { status, headers, text }, ticker.now()), text };
  } catch (error) {
    // Translated: what the transport could not do becomes a verdict.
    if (!(error instanceof TransportError)) throw error;
    return { verdict: judgeTransport(error.fault, error.wasSent, true), text: "" };
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

/** Nothing of ours takes longer: what does is as good as down. */
const PATIENCE_MS = 20_000;

function headersOf(provider: Provider, { header }: Credential): Header[] {
  const own: Header[] = [["accept", "application/json"], ["accept-encoding", "identity"]];
  return [...own, ...provider.headers, ...(header === undefined ? [] : [header])];
}

function verdictOn(
  { vendor, dialect }: Provider,
  { secret }: Credential,
  path: string,
  answer: { readonly status: number; readonly headers: readonly Header[]; readonly text: string },
  nowMs: number,
): Verdict {
  const { status, headers, text } = answer;
  // A redirect is never followed with a credential, and a page to log in at is no yes.
  if (status >= 300 && status < 400) return REDIRECTED;
  const body = withoutSecrets(text.slice(0, MAX_JUDGED_CHARACTERS), [secret.reveal()]);
  return judge({ vendor, dialect, status, headers, body, path, nowMs });
}

const MAX_JUDGED_CHARACTERS = 64 * 1024;

const REDIRECTED: Verdict = {
  kind: "provider_down",
  scope: "upstream",
  action: "answer",
  isConclusive: false,
  rule: "status.3xx",
  reason: "The provider redirects, and a redirect is not followed with a key",
};

async function collect(body: Body, maxBytes: number): Promise<Uint8Array> {
  if (isBytes(body)) return body.subarray(0, maxBytes);
  const chunks: Uint8Array[] = [];
  let size = 0;
  while (size < maxBytes) {
    const chunk = await body.read();
    if (chunk === undefined) break;
    chunks.push(chunk);
    size += chunk.byteLength;
  }
  body.cancel();
  if (chunks.length === 0) return EMPTY_BODY;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole.subarray(0, maxBytes);
}
