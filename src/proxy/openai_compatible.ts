import { isBytes } from "../core/http.ts";
import type { Provider } from "../core/provider.ts";
import { dialectOf } from "../dialect/dialects.ts";
import type { Crossing, WayBack } from "./crossing.ts";
import { GoogleRepairStream, repairGoogleAnswer } from "./google_repair.ts";
import { NamedModel } from "./named_model.ts";
import type { Asked } from "./translation.ts";

const PATH = /^(?:\/v1)?\/(chat\/completions|embeddings|models|models\/.+)$/;

/**
 * Where a provider's own OpenAI endpoint has what a caller of OpenAI's dialect asks for; `undefined` when it has none,
 * or its operator has not chosen it. Sources: ai.google.dev/gemini-api/docs/openai (base `/v1beta/openai/`),
 * platform.claude.com/docs/en/api/openai-sdk (`/v1/chat/completions` and nothing else).
 */
export function compatiblePath(
  { dialect, translate }: Pick<Provider, "dialect" | "translate">,
  method: string,
  path: string,
): string | undefined {
  if (translate !== "openai_compatible") return undefined;
  const name = PATH.exec(path)?.[1];
  if (name === undefined || method !== (name.startsWith("models") ? "GET" : "POST")) return undefined;
  if (dialect === "gemini") return `/v1beta/openai/${name}`;
  return dialect === "anthropic" && name === "chat/completions" ? "/v1/chat/completions" : undefined;
}

/** A request of OpenAI's dialect as it goes to such an endpoint: as it came, but for the name of its model. */
export function compatibleCrossing(
  asked: Asked,
  provider: Provider,
  name: string | undefined,
): Crossing | undefined {
  if (asked.dialect !== "openai") return undefined;
  const { outgoing } = asked;
  const rest = compatiblePath(provider, outgoing.method, outgoing.rest);
  if (rest === undefined) return undefined;
  const named = new NamedModel(outgoing, "body", asked.askedModel);
  const renamed = outgoing.body === undefined || !isBytes(outgoing.body) ? outgoing : named.as(name);
  return {
    dialect: dialectOf("openai"),
    outgoing: { ...renamed, rest },
    model: asked.model,
    more: [],
    isBearer: true,
    ignored: [],
    back: provider.dialect === "gemini" && rest.endsWith("/chat/completions") ? REPAIR : undefined,
  };
}

const REPAIR: WayBack = {
  readWhole: ([answer]) => repairGoogleAnswer(answer),
  openStream: () => new GoogleRepairStream(),
};
