import type { BodySource, Bytes, Header } from "../core/http.ts";
import type { Secret } from "../core/secret.ts";
import type { TokenUsage } from "../core/usage.ts";
import { SUCCEEDED, type Verdict } from "../core/verdict.ts";
import { STREAM_CUT } from "../dialect/judge.ts";
import { judgeTransport } from "../dialect/judge_transport.ts";
import { eraserOf } from "../dialect/key_eraser.ts";
import type { Answer } from "./answer.ts";
import { addStreamHeaders, BROKEN_OFF, outcomeOf } from "./answer_upstream.ts";
import type { StreamBack, WholeBack } from "./crossing.ts";
import { meter } from "./estimate_usage.ts";
import { translatedHeaders } from "./headers.ts";
import type { ProxiedRequest } from "./proxied_request.ts";
import { TranslatedBody } from "./translated_body.ts";

interface Head {
  readonly status: number;
  readonly headers: readonly Header[];
}

const encoder = new TextEncoder();

/** A good answer that came whole, as the caller reads it; the request is over with it. */
export function answerTranslated(
  request: ProxiedRequest,
  ignored: readonly string[],
  upstream: Head,
  { json, usage }: WholeBack,
  secret: Secret,
): Answer {
  request.begin();
  const headers = translatedHeaders(
    upstream.headers,
    "application/json",
    request.notes(),
    ignored,
    [secret],
  );
  nameForCaller(request, headers);
  request.finish(upstream.status, "succeeded", usage);
  // Once more: what was written with escapes stands here without them.
  const body = eraserOf(secret).clean(encoder.encode(JSON.stringify(json)));
  return { status: upstream.status, headers, body };
}

/**
 * A good answer that is still coming, translated as it comes. `first` is what was written of the part that was held
 * back, `told` gives the usage that stood in what was taken out. `onEnd` hears once how it went.
 */
export function answerTranslatedStream(
  request: ProxiedRequest,
  ignored: readonly string[],
  upstream: Head & { readonly body: BodySource },
  stream: StreamBack,
  first: string,
  secret: Secret,
  told: () => TokenUsage | undefined,
  onEnd: (verdict: Verdict) => void,
): Answer {
  request.begin();
  request.isStream = true;
  const headers = translatedHeaders(
    upstream.headers,
    stream.contentType,
    request.notes(),
    ignored,
    [secret],
  );
  nameForCaller(request, headers);
  addStreamHeaders(headers);
  const body = new TranslatedBody({
    source: upstream.body,
    stream,
    first,
    brokenOff: BROKEN_OFF,
    onEnd(end) {
      const verdict = judgeEnd(end, stream);
      onEnd(verdict);
      const { usage, source } = meter({
        reported: told() ?? stream.usage,
        isFinal: stream.state === "ended",
        promptEstimate: request.promptEstimate,
        characters: () => stream.characters,
      });
      request.finish(upstream.status, outcomeOf(verdict), usage, source);
    },
  });
  request.underway = { abort: () => body.cancel() };
  return { status: upstream.status, headers, body: eraserOf(secret).clean(body) };
}

function judgeEnd(end: "over" | "broken" | "left", { state }: StreamBack): Verdict {
  if (end === "left") return judgeTransport("cancelled", true, false);
  if (end === "broken") return judgeTransport("reset", true, false);
  return state === "ended" ? SUCCEEDED : STREAM_CUT;
}

/** Anthropic's SDK shows this header's value as the id of the request. */
export function nameForCaller(request: ProxiedRequest, headers: [string, string][]): void {
  if (request.dialect === "anthropic") headers.push(["request-id", request.id]);
}

/** All of a stream that came at once. */
export function sourceOf(bytes: Bytes): BodySource {
  let pending: Bytes | undefined = bytes.byteLength === 0 ? undefined : bytes;
  return {
    read() {
      const chunk = pending;
      pending = undefined;
      return Promise.resolve(chunk);
    },
    cancel() {
      pending = undefined;
    },
  };
}
