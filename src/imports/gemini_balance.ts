import { listAt } from "../core/json.ts";
import { ImportBuilder } from "./import_builder.ts";
import type { Imported } from "./imported.ts";
import { Row, rowsOf } from "./row.ts";
import { versionedBaseUrl } from "./base_url.ts";

/** Settings that it has, and Keyturn decides in another way or not at all. */
const PASSED_OVER = /^(?:SAFETY_SETTINGS|CUSTOM_HEADERS|FILTERED_MODELS|MODEL_RATE_LIMITS|KEY_RATE_LIMITS)$/;

/**
 * gemini-balance: its settings as an object (the configuration page), as the rows of its table `t_settings`
 * (`key`, `value`), or as its `.env`. Fields as in app/config/config.py of github.com/snailyp/gemini-balance.
 */
export function readGeminiBalance(value: unknown): Imported | undefined {
  const settings = settingsOf(value);
  // Exactly so: many a product has a table `api_keys`.
  if (settings === undefined || !settingNames(value).includes("API_KEYS")) return undefined;
  const builder = new ImportBuilder("gemini-balance");
  addGemini(builder, settings);
  addVertex(builder, settings);
  const tokens = [...settings.texts("ALLOWED_TOKENS"), settings.text("AUTH_TOKEN")].filter((text) =>
    text !== ""
  );
  tokens.forEach((token, index) =>
    builder.addClientKey(token, "ALLOWED_TOKENS", { name: `gemini-balance ${index + 1}` })
  );
  if (settings.list("PROXIES").length > 0) builder.leaveOut("PROXIES", "egress_proxy");
  for (const name of settingNames(value)) if (PASSED_OVER.test(name)) builder.leaveOut(name, "setting", name);
  return builder.build();
}

function addGemini(builder: ImportBuilder, settings: Row): void {
  const url = settings.texts("BASE_URL")[0];
  const provider = builder.provider({ ref: "gemini", preset: "gemini" });
  if (url !== undefined) provider.set("baseUrl", versionedBaseUrl(url, "gemini"));
  const maxAttempts = settings.number("MAX_RETRIES");
  const maxConsecutiveFailures = settings.number("MAX_FAILURES");
  const policy = {
    ...(maxAttempts !== undefined && maxAttempts >= 1 && { maxAttempts: Math.min(100, maxAttempts) }),
    ...(maxConsecutiveFailures !== undefined && maxConsecutiveFailures >= 1 &&
      { maxConsecutiveFailures: Math.min(100, maxConsecutiveFailures) }),
  };
  if (Object.keys(policy).length > 0) provider.set("policy", policy);
  settings.texts("API_KEYS").forEach((key, index) => provider.add(key, `API_KEYS[${index}]`));
  const paid = settings.text("PAID_KEY");
  if (paid !== "") provider.add(paid, "PAID_KEY", { tags: ["paid"] });
}

/** Vertex AI in express mode takes keys; the rest of Vertex does not. */
function addVertex(builder: ImportBuilder, settings: Row): void {
  const keys = settings.texts("VERTEX_API_KEYS");
  if (keys.length === 0) return;
  const url = settings.texts("VERTEX_EXPRESS_BASE_URL")[0] ??
    "https://aiplatform.googleapis.com/v1beta1/publishers/google";
  const provider = builder.provider({
    ref: "vertex-express",
    name: "Vertex AI express",
    slug: "vertex-express",
    settings: { dialect: "gemini", baseUrl: url.replace(/\/+$/, "") },
  });
  keys.forEach((key, index) => provider.add(key, `VERTEX_API_KEYS[${index}]`));
}

function settingsOf(value: unknown): Row | undefined {
  const row = Row.of(value);
  if (row !== undefined) return row;
  const pairs = rowsOf(listAt(value)).map(({ row: each }) => [each.text("key"), each.value("value")]);
  return pairs.length === 0 ? undefined : Row.of(Object.fromEntries(pairs));
}

function settingNames(value: unknown): string[] {
  if (!Array.isArray(value)) return typeof value === "object" && value !== null ? Object.keys(value) : [];
  return rowsOf(value).map(({ row }) => row.text("key"));
}
