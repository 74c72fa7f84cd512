import { isRecord } from "../core/json.ts";
import { findPreset } from "../core/presets.ts";
import { versionedBaseUrl } from "./base_url.ts";
import { azureBaseUrl } from "./channels.ts";
import { ImportBuilder, type ProviderBuilder, weightOf } from "./import_builder.ts";
import type { Imported } from "./imported.ts";
import { presetNamed } from "./known_names.ts";
import { Row } from "./row.ts";
import { slugOf, slugOfHost } from "./slug.ts";

/** Prefixes of LiteLLM that are no presets, with the base URL of their OpenAI dialect (docs.litellm.ai/docs/providers). */
const OTHERS: Readonly<Record<string, string>> = {
  perplexity: "https://api.perplexity.ai",
  fireworks_ai: "https://api.fireworks.ai/inference/v1",
  cerebras: "https://api.cerebras.ai/v1",
  nvidia_nim: "https://integrate.api.nvidia.com/v1",
  sambanova: "https://api.sambanova.ai/v1",
  deepinfra: "https://api.deepinfra.com/v1/openai",
  novita: "https://api.novita.ai/v3/openai",
  volcengine: "https://ark.cn-beijing.volces.com/api/v3",
  nebius: "https://api.studio.nebius.ai/v1",
  hyperbolic: "https://api.hyperbolic.xyz/v1",
};

/** They sign requests, or let somebody sign in. */
const NOT_KEY_BASED = new Set([
  "bedrock",
  "vertex_ai",
  "vertex_ai_beta",
  "sagemaker",
  "watsonx",
  "github_copilot",
]);

/**
 * LiteLLM's config.yaml. Deployments of one upstream become one provider with their keys as its pool; a model name
 * that is not the upstream's own becomes a mapped model, so that callers go on asking as before.
 * Fields: docs.litellm.ai/docs/proxy/configs.
 */
export function readLitellm(value: unknown): Imported | undefined {
  const top = Row.of(value);
  const models = top?.rows("model_list") ?? [];
  if (top === undefined || models.length === 0) return undefined;
  const builder = new ImportBuilder("litellm");
  const variables = top.record("environment_variables") ?? {};
  for (const { row, index } of models) addDeployment(builder, row, `model_list[${index}]`, variables);
  addAliases(builder, top);
  addMasterKey(builder, top, variables);
  const litellm = Row.of(top.record("litellm_settings"));
  const router = Row.of(top.record("router_settings"));
  for (const name of ["fallbacks", "context_window_fallbacks", "default_fallbacks"]) {
    if ((litellm?.list(name) ?? []).length + (router?.list(name) ?? []).length > 0) {
      builder.leaveOut(name, "setting", name);
    }
  }
  return builder.build();
}

function addDeployment(
  builder: ImportBuilder,
  row: Row,
  place: string,
  variables: Readonly<Record<string, unknown>>,
): void {
  const params = Row.of(row.record("litellm_params"));
  const named = row.text("model_name");
  if (params === undefined) return builder.leaveOut(place, "unreadable_row", named);
  const { prefix, model } = splitModel(params.text("model"));
  if (NOT_KEY_BASED.has(prefix)) return builder.leaveOut(place, "not_key_based", `${named} (${prefix})`);
  const provider = providerOf(builder, prefix, params);
  if (provider === undefined) return builder.leaveOut(place, "unknown_kind", `${named} (${prefix})`);
  if (!model.includes("*")) {
    if (named === "" || named === model) provider.addModels([model]);
    else provider.mapModel(named, model, place);
  }
  addKey(builder, provider, params, place, variables);
}

function addKey(
  builder: ImportBuilder,
  provider: ProviderBuilder,
  params: Row,
  place: string,
  variables: Readonly<Record<string, unknown>>,
): void {
  const given = params.text("api_key");
  if (given === "") return;
  const key = resolve(given, variables);
  if (key === undefined) {
    return builder.leaveOut(`${place}.litellm_params.api_key`, "environment_variable", variableOf(given));
  }
  const account = params.text("organization");
  const before = provider.keyCount;
  provider.add(key, `${place}.litellm_params.api_key`, {
    ...weightOf(params.number("weight")),
    ...(account !== "" && { account }),
  });
  if (provider.keyCount === before) return;
  if (params.number("rpm", "tpm") !== undefined) builder.leaveOut(place, "setting", "rpm/tpm");
}

/** `azure/gpt-4o-eu` is a deployment of Azure; a model without a prefix is OpenAI's. */
function splitModel(text: string): { readonly prefix: string; readonly model: string } {
  const slash = text.indexOf("/");
  return slash <= 0
    ? { prefix: "openai", model: text }
    : { prefix: text.slice(0, slash).toLowerCase(), model: text.slice(slash + 1) };
}

function providerOf(builder: ImportBuilder, prefix: string, params: Row): ProviderBuilder | undefined {
  const url = params.text("api_base", "base_url");
  const isPlain = url === "" || url.startsWith("os.environ/");
  const preset = findPreset(presetNamed(prefix) ?? "");
  if (preset !== undefined && (isPlain || versionedBaseUrl(url, preset.dialect) === preset.baseUrl)) {
    return builder.provider({ ref: preset.slug, preset: preset.slug });
  }
  if (isPlain) {
    const baseUrl = OTHERS[prefix];
    if (baseUrl === undefined) return undefined;
    return builder.provider({ ref: prefix, name: prefix, slug: slugOf(prefix) ?? "", settings: { baseUrl } });
  }
  const isAzure = prefix === "azure" || prefix === "azure_ai";
  const dialect = preset?.dialect ?? "openai";
  const baseUrl = isAzure ? azureBaseUrl(url) : versionedBaseUrl(url, dialect);
  const slug = slugOfHost(url) ?? prefix;
  return builder.provider({
    ref: `${prefix} ${baseUrl}`,
    name: slug,
    slug,
    settings: {
      dialect,
      baseUrl,
      ...(isAzure && { vendor: "azure", credential: { kind: "header", name: "api-key" } }),
    },
  });
}

function addAliases(builder: ImportBuilder, top: Row): void {
  const aliases = Row.of(top.record("router_settings"))?.record("model_group_alias") ?? {};
  for (const [name, given] of Object.entries(aliases)) {
    const target = isRecord(given) ? given.model : given;
    if (typeof target === "string") builder.addAlias({ name, target });
  }
}

function addMasterKey(builder: ImportBuilder, top: Row, variables: Readonly<Record<string, unknown>>): void {
  const given = Row.of(top.record("general_settings"))?.text("master_key") ?? "";
  if (given === "") return;
  const place = "general_settings.master_key";
  const key = resolve(given, variables);
  if (key === undefined) return builder.leaveOut(place, "environment_variable", variableOf(given));
  builder.addClientKey(key, place, { name: "LiteLLM master key" });
}

const ENVIRONMENT = "os.environ/";

function variableOf(text: string): string {
  return text.slice(ENVIRONMENT.length);
}

/** The text, or the value of the variable that it names; `undefined` when the file does not hold that. */
function resolve(text: string, variables: Readonly<Record<string, unknown>>): string | undefined {
  if (!text.startsWith(ENVIRONMENT)) return text;
  const value = Object.hasOwn(variables, variableOf(text)) ? variables[variableOf(text)] : undefined;
  return typeof value === "string" && !value.startsWith(ENVIRONMENT) ? value : undefined;
}
