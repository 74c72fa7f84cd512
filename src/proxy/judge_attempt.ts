import { type Bytes, headerValue, isBytes } from "../core/http.ts";
import type { RepeatRule } from "../core/provider.ts";
import type { Verdict } from "../core/verdict.ts";
import { judge, STREAM_CUT } from "../dialect/judge.ts";
import { withoutSecrets } from "../dialect/scrub.ts";
import { exhaustedBefore429 } from "../dialect/wait_hint.ts";
import type { UpstreamAnswer } from "../transport/transport.ts";
import type { Spoken } from "./crossing.ts";
import { nameAt } from "./named_model.ts";
import type { Turn } from "./turn.ts";

/** What an answer that is no success means. */
export function judgeReply(
  turn: Turn,
  spoken: Spoken,
  upstream: UpstreamAnswer,
  body: Bytes,
  nowMs: number,
): Verdict {
  // A redirect is never followed with a credential; for an LLM provider it is no answer either.
  if (upstream.status < 400) return REDIRECTED;
  const isReadable = headerValue(upstream.headers, "content-encoding") === undefined;
  return judgeBody(turn, spoken, upstream, isReadable ? decoder.decode(body) : "", nowMs);
}

const decoder = new TextDecoder();

const REDIRECTED: Verdict = {
  kind: "provider_down",
  scope: "upstream",
  action: "answer",
  isConclusive: false,
  rule: "status.3xx",
  reason: "The provider redirects, and a redirect is not followed with a key",
};

/**
 * What the text of an answer, or of an error event, means. It is also remembered and shown as the reason, so
 * the key is cut out before.
 */
export function judgeBody(
  { live, lease }: Turn,
  spoken: Spoken,
  upstream: UpstreamAnswer,
  body: string,
  nowMs: number,
): Verdict {
  const evidence = {
    vendor: live.provider.vendor,
    dialect: spoken.dialect.name,
    status: upstream.status,
    headers: upstream.headers,
    body: withoutSecrets(body, lease.key.secret === undefined ? [] : [lease.key.secret.reveal()]),
    path: spoken.outgoing.rest,
    nowMs,
  };
  const model = nameAt(spoken, live.provider);
  return judge(model === undefined ? evidence : { ...evidence, model });
}

/** Whether the request may be sent again after its bytes went out and brought no answer. */
export function isRepeatable({ outgoing, dialect }: Spoken, rule: RepeatRule): boolean {
  if (outgoing.body !== undefined && !isBytes(outgoing.body)) return false;
  return rule === "always" || (rule === "safe" && dialect.isRepeatable(outgoing.method, outgoing.rest));
}

/** A stream that ended before anything of it was passed on. */
export function streamCut(mayRepeat: boolean): Verdict {
  return mayRepeat ? STREAM_CUT : { ...STREAM_CUT, action: "answer" };
}

/** A good status with something else than an answer of the provider's protocol in it. */
export function unreadable(mayRepeat: boolean, reason: string): Verdict {
  return {
    kind: "provider_down",
    scope: "upstream",
    action: mayRepeat ? "retry" : "answer",
    isConclusive: false,
    rule: "translate.unreadable",
    reason,
  };
}

/** "x-ratelimit-remaining: 0" beside a good answer: the next request would be refused, so it is not sent. */
export function coolBeforeRefused({ live, lease }: Turn, upstream: UpstreamAnswer, nowMs: number): void {
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
