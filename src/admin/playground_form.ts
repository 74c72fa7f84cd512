import { z } from "zod";
import { modelName } from "./provider_form.ts";

export const PLAYGROUND_DIALECTS = ["openai", "anthropic", "gemini"] as const;

const text = z.string().max(200_000);

/** What is asked by hand. */
export const playgroundForm = z.strictObject({
  dialect: z.enum(PLAYGROUND_DIALECTS).default("openai"),
  model: modelName,
  /** Slug of a provider or a group; left out, the model decides. */
  target: z.string().max(63).exactOptional(),
  /** Id of the only provider key that may be used. */
  providerKey: z.string().max(100).exactOptional(),
  /** Whose bounds an explanation looks at. */
  clientKey: z.string().max(100).exactOptional(),
  system: text.exactOptional(),
  message: text.min(1),
  /** Left out, the provider decides; Anthropic's protocol must have one, and gets 1,024. */
  maxTokens: z.number().int().min(1).max(1_000_000).exactOptional(),
  stream: z.boolean().default(true),
});

export type PlaygroundForm = z.infer<typeof playgroundForm>;

/** The part of it that decides the route; the rest may stand beside it. */
export const explainForm = z.object({
  dialect: z.enum(PLAYGROUND_DIALECTS).default("openai"),
  model: modelName.exactOptional(),
  target: z.string().max(63).exactOptional(),
  clientKey: z.string().max(100).exactOptional(),
});

/**
 * OpenAI's reasoning models refuse `max_tokens` (https://platform.openai.com/docs/api-reference/chat/create); providers
 * that only speak its protocol often know nothing else.
 */
const TAKES_NEW_NAME = /(?:^|\/)(?:o\d|gpt-[5-9])/;

/** The request that the form stands for, as a caller of that protocol would send it. */
export function requestOf(
  { dialect, model, target, system, message, maxTokens, stream }: PlaygroundForm,
): { readonly path: string; readonly headers: Readonly<Record<string, string>>; readonly body: string } {
  const base = target === undefined ? "" : `/llm/${encodeURIComponent(target)}`;
  const messages = [{ role: "user", content: message }];
  switch (dialect) {
    case "openai":
      return {
        path: `${base}/v1/chat/completions`,
        headers: {},
        body: JSON.stringify({
          model,
          messages: system === undefined ? messages : [{ role: "system", content: system }, ...messages],
          ...(maxTokens !== undefined &&
            { [TAKES_NEW_NAME.test(model) ? "max_completion_tokens" : "max_tokens"]: maxTokens }),
          stream,
        }),
      };
    case "anthropic":
      return {
        path: `${base}/v1/messages`,
        headers: { "anthropic-version": "2023-06-01" },
        body: JSON.stringify({
          model,
          max_tokens: maxTokens ?? 1_024,
          ...(system !== undefined && { system }),
          messages,
          stream,
        }),
      };
    case "gemini": {
      // Google's SDK writes `provider/model` into the path as it is.
      const inPath = model.split("/").map(encodeURIComponent).join("/");
      return {
        path: `${base}/v1beta/models/${inPath}:${
          stream ? "streamGenerateContent?alt=sse" : "generateContent"
        }`,
        headers: {},
        body: JSON.stringify({
          contents: [{ role: "user", parts: [{ text: message }] }],
          ...(system !== undefined && { systemInstruction: { parts: [{ text: system }] } }),
          ...(maxTokens !== undefined && { generationConfig: { maxOutputTokens: maxTokens } }),
        }),
      };
    }
  }
}
