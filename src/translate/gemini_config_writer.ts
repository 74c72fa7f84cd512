import type { ChatRequest, ImagePart, Turn, UserPart } from "./chat_request.ts";
import { geminiJsonSchema } from "./gemini_json_schema.ts";
import type { GeminiModel } from "./gemini_model.ts";
import { googleSchemaOf } from "./gemini_open_schema.ts";
import { geminiThinkingConfig } from "./gemini_thinking.ts";
import type { RequestField, RequestTold } from "./sides.ts";

type Members = Record<string, unknown>;

/** Source: https://ai.google.dev/api/generate-content#GenerationConfig (`stopSequences`, `candidateCount`) */
const MAX_STOPS = 5;
const MAX_CHOICES = 8;

/** `generationConfig` of a request, without what is not set. */
export function geminiConfig(request: ChatRequest, model: GeminiModel, told: RequestTold): Members {
  const { topP, topK, maxOutputTokens } = request;
  return {
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...temperatureOf(request, told),
    ...(topP === undefined ? {} : { topP }),
    ...(topK === undefined ? {} : { topK }),
    ...stopOf(request, told),
    ...choicesOf(request, told),
    ...seedOf(request, told),
    ...penaltiesOf(request, model, told),
    ...logprobsOf(request),
    ...outputOf(request, model, told),
    ...reasoningOf(request, model, told),
    ...resolutionOf(request.turns, told),
  };
}

/** A parameter schema in the form that the model takes. */
export function geminiParameters(
  schema: Readonly<Members>,
  model: GeminiModel,
  told: RequestTold,
): Members {
  if (takesJsonSchema(model)) {
    return { parametersJsonSchema: geminiJsonSchema(schema, dropFrom("tools", told)) };
  }
  const parameters = googleSchemaOf(schema, schemaLosses("tools", told));
  // An object without properties is refused there; a function without parameters says the same.
  const isEmpty = Object.keys(Object(parameters.properties ?? {})).length === 0;
  return isEmpty ? {} : { parameters };
}

/** Source: https://ai.google.dev/gemini-api/docs/structured-output (JSON Schema from Gemini 2.5 on) */
function takesJsonSchema({ generation, isGemma }: GeminiModel): boolean {
  return generation >= 2.5 && !isGemma;
}

function temperatureOf({ temperature }: ChatRequest, told: RequestTold): Members {
  if (temperature === undefined) return {};
  if (temperature > 2) told.losses.ignore(told.nameOf("temperature"));
  return { temperature: Math.min(temperature, 2) };
}

function stopOf({ stop }: ChatRequest, told: RequestTold): Members {
  const stopSequences = stop?.filter((text) => text !== "") ?? [];
  if (stopSequences.length > MAX_STOPS) {
    told.losses.refuse(told.nameOf("stop"), `Gemini takes at most ${MAX_STOPS} stop sequences`);
  }
  return stopSequences.length === 0 ? {} : { stopSequences };
}

function choicesOf({ choices }: ChatRequest, told: RequestTold): Members {
  if (choices === undefined || choices === 1) return {};
  if (choices > MAX_CHOICES) {
    told.losses.refuse(told.nameOf("choices"), `Gemini gives at most ${MAX_CHOICES} answers`);
  }
  return { candidateCount: choices };
}

/** The seed is a 32-bit integer. */
function seedOf({ seed }: ChatRequest, told: RequestTold): Members {
  if (seed === undefined) return {};
  if ((seed | 0) === seed) return { seed };
  told.losses.ignore(told.nameOf("seed"));
  return {};
}

/** "Penalty is not enabled" is what models from 2.5 on answer, with 400 (vercel/ai packages/google). */
function penaltiesOf(request: ChatRequest, model: GeminiModel, told: RequestTold): Members {
  const members: Members = {};
  for (const name of ["presencePenalty", "frequencyPenalty"] as const) {
    const penalty = request[name];
    if (penalty === undefined) continue;
    if (model.generation >= 2.5) told.losses.ignore(told.nameOf(name));
    else members[name] = penalty;
  }
  return members;
}

function logprobsOf({ logprobs }: ChatRequest): Members {
  if (logprobs === undefined) return {};
  return { responseLogprobs: true, ...(logprobs.top === 0 ? {} : { logprobs: logprobs.top }) };
}

function outputOf({ output }: ChatRequest, model: GeminiModel, told: RequestTold): Members {
  if (output === undefined) return {};
  const responseMimeType = "application/json";
  if (output.kind === "json") return { responseMimeType };
  const { description } = output;
  const schema = description === undefined || "description" in output.schema || "$ref" in output.schema
    ? output.schema
    : { description, ...output.schema };
  return takesJsonSchema(model)
    ? { responseMimeType, responseJsonSchema: geminiJsonSchema(schema, dropFrom("output", told)) }
    : { responseMimeType, responseSchema: googleSchemaOf(schema, schemaLosses("output", told)) };
}

function reasoningOf({ reasoning }: ChatRequest, model: GeminiModel, told: RequestTold): Members {
  if (reasoning === undefined) return {};
  const thinkingConfig = geminiThinkingConfig(reasoning, model);
  // A model that cannot think does what "none" asks for.
  if (thinkingConfig === undefined && reasoning.effort !== "none") {
    told.losses.ignore(told.nameOf("reasoning"));
  }
  return thinkingConfig === undefined || Object.keys(thinkingConfig).length === 0 ? {} : { thinkingConfig };
}

/** One resolution is for all media: what images disagree about is left to the model. */
function resolutionOf(turns: readonly Turn[], told: RequestTold): Members {
  const details = new Set<ImagePart["detail"]>();
  for (const turn of turns) {
    for (const part of turn.parts) for (const image of imagesOf(part)) details.add(image.detail);
  }
  const [detail, ...others] = details;
  const isAsked = details.has("low") || details.has("high");
  if (isAsked && others.length > 0) told.losses.ignore(told.nameOf("detail"));
  if (!isAsked || others.length > 0) return {};
  return { mediaResolution: detail === "low" ? "MEDIA_RESOLUTION_LOW" : "MEDIA_RESOLUTION_HIGH" };
}

function imagesOf(part: UserPart | Turn["parts"][number]): readonly ImagePart[] {
  if (part.kind === "image") return [part];
  return part.kind === "tool_result" ? part.parts.filter((inner) => inner.kind === "image") : [];
}

function dropFrom(field: RequestField, told: RequestTold): (keyword: string) => void {
  return (keyword) => told.losses.ignore(`${told.nameOf(field)}.${keyword}`);
}

function schemaLosses(field: RequestField, told: RequestTold) {
  return {
    drop: dropFrom(field, told),
    refuse: (why: string): never => told.losses.refuse(told.nameOf(field), why),
  };
}
