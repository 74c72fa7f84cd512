import { formsOf } from "./key_forms.ts";

const REDACTED = "[redacted]";

/** Shorter secrets cannot be told from ordinary words, so they are not searched for. */
const MIN_SECRET_CHARS = 4;

/**
 * The text without the given secrets (plain, URL-encoded, JSON-escaped, base64) and without anything that
 * looks like a provider's key, a masked one included: providers repeat the key in their errors
 * (docs/failures.md, threat E3).
 */
export function scrub(text: string, secrets: readonly string[]): string {
  let clean = withoutSecrets(text, secrets);
  for (const [pattern, replacement] of PATTERNS) clean = clean.replace(pattern, replacement);
  return clean;
}

/** The text without the given secrets in any of these forms; all else stays as it is. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  let clean = text;
  const known = secrets.filter((secret) => secret.length >= MIN_SECRET_CHARS);
  for (const form of known.flatMap(formsOf).sort((a, b) => b.length - a.length)) {
    clean = clean.replaceAll(form, REDACTED);
  }
  return clean;
}

/**
 * Left boundaries keep words such as `task-oriented` whole; each repetition is over one class, so that no
 * text makes the search slow. `*` and `…` stand inside keys that the provider masked itself.
 */
const PATTERNS: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // sk-ant-, sk-or- and sk-proj- begin with sk- too.
  [/(?<![A-Za-z0-9])sk-[\w*….-]{4,}/g, REDACTED],
  [/AIza[\w*…-]{4,}/g, REDACTED],
  [/(?<![A-Za-z0-9])AQ\.[\w*…-]{16,}/g, REDACTED],
  [/(?<![A-Za-z0-9])(?:gsk_|xai-|tvly-|hf_|ghp_|github_pat_|pplx-|fw_|csk-|nvapi-)[\w*…-]{4,}/g, REDACTED],
  [/(?<![A-Za-z0-9])eyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*)?/g, REDACTED],
  [/\b(bearer|basic)\s+[\w.~+/*…=-]{8,}/gi, `$1 ${REDACTED}`],
  // Keys without a prefix (Azure, Mistral, DeepSeek) are known by the word before them; a mere number is none.
  [
    /(?<![A-Za-z0-9])((?:api|subscription|access|secret)[-_ ]?key|token|secret)((?:\s+provided)?["']?\s*[:=]\s*["'`]?)(?!\d+\b)(?=[\w.*…-]{0,64}?[\d*…])[\w.*…-]{8,}/gi,
    `$1$2${REDACTED}`,
  ],
  [/([?&](?:key|api_key|apikey|access_token|token)=)[^&\s"'<>#]+/gi, `$1${REDACTED}`],
];
