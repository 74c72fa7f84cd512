import {
  accountExhausted,
  accountLimited,
  exhaustedUntil,
  type Failure,
  type FailureRule,
  hintOf,
  keyDead,
  keyDoubtful,
  modelDenied,
  modelLimited,
  names,
  providerDown,
  says,
} from "./failure.ts";

/** Azure OpenAI: a limit belongs to a deployment, which stands in the path as the model does elsewhere. */
export const AZURE_RULES: readonly FailureRule[] = [
  { id: "azure.deployment_not_found", matches: (f) => names(f, "DeploymentNotFound"), judge: modelDenied },
  // "… invalid subscription key or wrong API endpoint": the operator's URL may be at fault as well.
  { id: "azure.access_denied", matches: (f) => f.status === 401, judge: keyDoubtful },
  {
    id: "azure.subscription_disabled",
    matches: (f) => f.status === 403 && says(f, /subscription.*\b(?:disabled|suspended)/i),
    judge: accountExhausted,
  },
  {
    id: "azure.network_rules",
    matches: (f) => f.status === 403 && says(f, /virtual network|firewall|public access is disabled/i),
    judge: keyDoubtful,
  },
  {
    id: "azure.high_demand",
    matches: (f) => f.status === 429 && says(f, /high demand/i),
    judge: providerDown,
  },
  {
    id: "azure.rate_limit",
    matches: (f) => f.status === 429 && !names(f, "insufficient_quota"),
    judge: modelLimited,
  },
];

/** DeepSeek: limits belong to the account, concurrency included; no header is documented. */
export const DEEPSEEK_RULES: readonly FailureRule[] = [
  { id: "deepseek.insufficient_balance", matches: (f) => f.status === 402, judge: accountExhausted },
  { id: "deepseek.rate_limit", matches: (f) => f.status === 429, judge: accountLimited },
];

/** Groq: limits belong to the organisation and count per model, which OpenAI's rules read. */
export const GROQ_RULES: readonly FailureRule[] = [
  { id: "groq.organization_restricted", matches: (f) => names(f, "organization_restricted"), judge: keyDead },
  {
    id: "groq.capacity_exceeded",
    matches: (f) => f.status === 498 || names(f, "capacity_exceeded"),
    judge: providerDown,
  },
];

/** Mistral: limits belong to the organisation and count by the second; a monthly cap answers 429 too. */
export const MISTRAL_RULES: readonly FailureRule[] = [
  {
    id: "mistral.monthly_cap",
    matches: (f) => f.status === 429 && says(f, /\bmonth(?:ly)?\b/i),
    judge: (f, rule) => exhaustedUntil(f, rule, hintOf(f)),
  },
  { id: "mistral.rate_limited", matches: (f) => f.status === 429, judge: limitedBySecond },
];

const MISTRAL_WAIT_MS = 2000;

function limitedBySecond(failure: Failure, rule: string): ReturnType<FailureRule["judge"]> {
  const verdict = accountLimited(failure, rule);
  if (verdict.untilMs !== undefined) return verdict;
  return { ...verdict, untilMs: failure.evidence.nowMs + MISTRAL_WAIT_MS, source: "ladder" };
}
