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
  maxTokens: z.number().int().min(1).max(1_000_000).default(1_024),
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
          max_tokens: maxTokens,
          stream,
        }),
      };
    case "anthropic":
      return {
        path: `${base}/v1/messages`,
        headers: { "anthropic-version": "2023-06-01" },
        body: JSON.stringify({
          model,
          max_tokens: maxTokens,
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
          generationConfig: { maxOutputTokens: maxTokens },
        }),
      };
    }
  }
}
