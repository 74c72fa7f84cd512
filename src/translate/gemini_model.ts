import { AppError } from "../errors.ts";

/** What a model's name tells of how it must be asked. */
export interface GeminiModel {
  /** Without `models/`. */
  readonly name: string;
  /** Path of the model, e.g. `/v1beta/models/gemini-2.5-flash`. */
  readonly path: string;
  /** Open models: no system instruction, no schema, no thinking settings. */
  readonly isGemma: boolean;
  /**
   * E.g. 2.5. Unknown Gemini names and aliases (`gemini-flash-latest`) count as the newest, other names as 2.5.
   */
  readonly generation: number;
}

const NEWEST = 3.99;
const OTHER = 2.5;

/**
 * @throws {AppError} `invalid_request` for a name that would change the path it stands in
 * Source: https://ai.google.dev/api/models (`models/{model}`, `tunedModels/{model}`)
 */
export function readGeminiModel(model: string): GeminiModel {
  const name = model.startsWith("models/") ? model.slice("models/".length) : model;
  if (
    !/^[A-Za-z0-9._/-]+$/.test(name) || name.includes("..") || name.startsWith("/") || name.includes("//")
  ) {
    throw new AppError("invalid_request", "Cannot ask Gemini for this model: its name has other characters", {
      details: { param: "model" },
    });
  }
  const path = name.startsWith("tunedModels/") ? `/v1beta/${name}` : `/v1beta/models/${name}`;
  const last = name.slice(name.lastIndexOf("/") + 1).toLowerCase();
  return { name, path, isGemma: last.startsWith("gemma"), generation: generationOf(last) };
}

function generationOf(name: string): number {
  const version = /^gemini-(\d+(?:\.\d+)?)(?:$|-)/.exec(name)?.[1];
  if (version !== undefined) return Number(version);
  if (name === "gemini-pro" || name === "gemini-pro-vision") return 1;
  if (name.startsWith("gemma")) return 1;
  return name.startsWith("gemini-") ? NEWEST : OTHER;
}
