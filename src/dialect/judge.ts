import { headerValue } from "../core/http.ts";
import type { Vendor } from "../core/provider.ts";
import { SUCCEEDED, type Verdict } from "../core/verdict.ts";
import { ANTHROPIC_RULES } from "./anthropic_failures.ts";
import type { Evidence } from "./dialect.ts";
import { dialectOf } from "./dialects.ts";
import { readErrorBody } from "./error_body.ts";
import { type Failure, type FailureRule, firstVerdict, requestBad } from "./failure.ts";
import { GEMINI_RULES } from "./gemini_failures.ts";
import { parseJson, textAt } from "../core/json.ts";
import { modelInPath } from "./model_path.ts";
import { OPENAI_RULES } from "./openai_failures.ts";
import { AZURE_RULES, DEEPSEEK_RULES, GROQ_RULES, MISTRAL_RULES } from "./openai_kin_failures.ts";
import { OPENROUTER_RULES } from "./openrouter_failures.ts";
import { REST_RULES } from "./rest_failures.ts";
import { STATUS_RULES, statusOf } from "./status_failures.ts";

/**
 * What an answer means and who is to blame. Order: the body says it is no error -> succeeded; the vendor's
 * rules; the rules of the dialect; the status (docs/failures.md). An error event of a stream is judged like
 * an answer of status 200 with that body.
 */
export function judge(evidence: Evidence): Verdict {
  const isRest = evidence.dialect === "rest";
  if (evidence.status < 400 && isRest) return SUCCEEDED;
  const error = readErrorBody(evidence.body);
  const failure: Failure = {
    evidence: evidence.vendor === "other" ? { ...evidence, vendor: vendorOf(evidence) } : evidence,
    error,
    status: statusOf(error, evidence.status),
    model: evidence.model ?? modelInPath(evidence.path),
  };
  if (evidence.status < 300 && !error.isError) return judgeGood(failure);
  // A page comes from something in front of the API, which knows nothing of the vendor's errors.
  const rules = isRest ? REST_RULES : error.isHtml ? STATUS_RULES : rulesOf(failure.evidence);
  return obeyShouldRetry(evidence, firstVerdict(failure, rules) ?? requestBad(failure, "status.4xx"));
}

/** The judgement of a stream that ended without its dialect's end mark: the provider broke off. */
export const STREAM_CUT: Verdict = {
  kind: "provider_down",
  scope: "upstream",
  action: "retry",
  isConclusive: false,
  rule: "stream.cut",
  reason: "The stream ended before its end mark",
};

function judgeGood(failure: Failure): Verdict {
  const { dialect, body } = failure.evidence;
  if (dialect === "gemini" && textAt(parseJson(body), "promptFeedback", "blockReason") !== "") {
    return requestBad(failure, "gemini.prompt_blocked");
  }
  if (dialectOf(dialect).readSoftFailure(body) !== "empty") return SUCCEEDED;
  return {
    kind: "ok_empty",
    scope: "request",
    action: "answer",
    isConclusive: true,
    rule: "status.2xx_empty",
  };
}

/** A provider that is not told is taken for the first one of its dialect, as far as times are concerned. */
function vendorOf({ dialect }: Evidence): Vendor {
  return dialect === "gemini" || dialect === "anthropic" ? dialect : "other";
}

function rulesOf({ vendor, dialect }: Evidence): FailureRule[] {
  const ofDialect = dialect === "anthropic"
    ? ANTHROPIC_RULES
    : dialect === "gemini"
    ? GEMINI_RULES
    : OPENAI_RULES;
  const ofVendor = VENDOR_RULES[vendor];
  return [...(ofVendor === ofDialect ? [] : ofVendor), ...ofDialect, ...STATUS_RULES];
}

const VENDOR_RULES: Readonly<Record<Vendor, readonly FailureRule[]>> = {
  openai: [],
  other: [],
  azure: AZURE_RULES,
  openrouter: OPENROUTER_RULES,
  deepseek: DEEPSEEK_RULES,
  groq: GROQ_RULES,
  mistral: MISTRAL_RULES,
  // Google and Anthropic serve OpenAI's dialect too, with errors of their own meaning.
  anthropic: ANTHROPIC_RULES,
  gemini: GEMINI_RULES,
};

/** The SDKs of OpenAI and Anthropic obey `x-should-retry`: "false" means that the same again will fail again. */
function obeyShouldRetry(evidence: Evidence, verdict: Verdict): Verdict {
  if (verdict.kind !== "provider_down") return verdict;
  return headerValue(evidence.headers, "x-should-retry") === "false"
    ? { ...verdict, action: "answer" }
    : verdict;
}
