import { type Bytes, isBytes } from "../core/http.ts";
import { isRecord, parseJson } from "../core/json.ts";
import type { Provider } from "../core/provider.ts";
import type { TokenUsage } from "../core/usage.ts";
import type { UpstreamAnswer } from "../transport/transport.ts";
import type { Crossing } from "./crossing.ts";
import { isEventStream } from "./headers.ts";
import { addMember, findMember, replaceSpan } from "./json_member.ts";
import type { Plan } from "./plan.ts";
import type { OutgoingRequest } from "./upstream_request.ts";
import { UsageFilter } from "./usage_filter.ts";

/** Whether a request is for a chat's stream of OpenAI's dialect, and leaves out to ask for its usage. */
export function lacksUsageAsk(
  { method, rest, isRaw, body }: OutgoingRequest,
  json: Readonly<Record<string, unknown>> | undefined,
): boolean {
  if (json?.["stream"] !== true || isRaw || method !== "POST" || !isChat(rest)) return false;
  if (body === undefined || !isBytes(body)) return false;
  const options = json["stream_options"];
  return !isRecord(options) || options.include_usage !== true;
}

function isChat(path: string): boolean {
  return path.endsWith("/chat/completions");
}

/**
 * How one attempt asks for the usage of a chat's stream (`stream_options.include_usage`,
 * https://platform.openai.com/docs/api-reference/chat/create): `added` to what the caller wrote, so that what comes of
 * it must not reach the caller; or `written` into a translated request. Servers that do not know it refuse it.
 */
export class UsageAsk {
  readonly #provider: Provider;
  readonly #kind: "added" | "written";
  #filter: UsageFilter | undefined;
  #isRefused: boolean;

  constructor(provider: Provider, kind: "added" | "written") {
    this.#provider = provider;
    this.#kind = kind;
    this.#isRefused = refusers.has(provider);
  }

  /** What was told in the chunk that the caller does not get. */
  get usage(): TokenUsage | undefined {
    return this.#filter?.usage;
  }

  /** The request as it goes to this provider. */
  writeInto(outgoing: OutgoingRequest): OutgoingRequest {
    const { body } = outgoing;
    if (body === undefined || !isBytes(body)) return outgoing;
    if (this.#kind === "added") return this.#isRefused ? outgoing : { ...outgoing, body: asking(body) };
    return this.#isRefused ? { ...outgoing, body: notAsking(body) } : outgoing;
  }

  /** Whether an answer refuses the request because of the ask; then it is to be sent once more, without it. */
  isRefusedBy(status: number, body: Bytes): boolean {
    if (this.#isRefused || (status !== 400 && status !== 422)) return false;
    this.#isRefused = decoder.decode(body).includes(MEMBER);
    return this.#isRefused;
  }

  /** A good answer without the chunk that its caller has not asked for. */
  clean(upstream: UpstreamAnswer): UpstreamAnswer {
    // Only now it is known that it was the ask, and nothing else of the request, that was refused.
    if (this.#isRefused) refusers.add(this.#provider);
    if (this.#isRefused || this.#kind === "written" || !isEventStream(upstream.headers)) return upstream;
    this.#filter = new UsageFilter();
    return { ...upstream, body: this.#filter.clean(upstream.body) };
  }
}

/** `undefined`, as nearly always, where the caller's own words are sent as they are. */
export function usageAskOf(
  { lacksUsageAsk }: Plan,
  crossing: Crossing | undefined,
  provider: Provider,
): UsageAsk | undefined {
  if (crossing === undefined || crossing.isBearer) {
    return lacksUsageAsk ? new UsageAsk(provider, "added") : undefined;
  }
  const { body, rest } = crossing.outgoing;
  if (!isChat(rest) || body === undefined || !isBytes(body)) return undefined;
  return findMember(body, MEMBER) === undefined ? undefined : new UsageAsk(provider, "written");
}

const MEMBER = "stream_options";

/**
 * Providers that have refused it and served the same request without it, until this program ends or they are
 * changed: a provider that was changed is another object.
 */
const refusers = new WeakSet<Provider>();

function asking(body: Bytes): Bytes {
  const span = findMember(body, MEMBER);
  if (span === undefined) return addMember(body, MEMBER, '{"include_usage":true}');
  const stated = parseJson(decoder.decode(body.subarray(span.start, span.end)));
  const options = { ...(isRecord(stated) ? stated : {}), include_usage: true };
  return replaceSpan(body, span, JSON.stringify(options));
}

/** For what we wrote ourselves only: every number in it survives. */
function notAsking(body: Bytes): Bytes {
  const json = parseJson(decoder.decode(body));
  if (!isRecord(json)) return body;
  const { [MEMBER]: _options, ...rest } = json;
  return encoder.encode(JSON.stringify(rest));
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();
