import { z } from "zod";
import { isRecord, listAt, valueAt } from "../core/json.ts";
import type { EmbedAnswer, EmbedRequest } from "./embed.ts";
import { base64OfVector, numbersOf, vectorOfBase64 } from "./embed_vector.ts";
import { isGiven, refuseShape, shaped } from "./caller_shape.ts";
import type { Losses } from "./losses.ts";
import { AnswerUnreadableError, type WrittenRequest } from "./sides.ts";

const MAX_INPUTS = 2048;
const KNOWN = ["model", "input", "dimensions", "encoding_format", "user"];

const embedBody = z.looseObject({
  model: z.string().min(1),
  input: z.union([z.string(), z.array(z.unknown()).min(1)], {
    error: "expected a string or an array of strings",
  }),
  dimensions: z.number().int().positive().nullish(),
  encoding_format: z.enum(["float", "base64"]).nullish(),
  user: z.string().nullish(),
});

/**
 * Reads the body of POST /v1/embeddings.
 * Source: https://developers.openai.com/api/reference/resources/embeddings/methods/create
 * @throws {AppError} `invalid_request`; token arrays are refused, because tokens are one model's own
 */
export function readOpenAiEmbed(value: unknown, losses: Losses): EmbedRequest {
  const body = shaped(embedBody, value, "");
  for (const [field, asked] of Object.entries(body)) {
    if (!KNOWN.includes(field) && isGiven(asked)) losses.ignore(field);
  }
  return {
    model: body.model,
    inputs: readInputs(body.input, losses),
    ...(isGiven(body.dimensions) ? { dimensions: body.dimensions } : {}),
    ...(isGiven(body.user) ? { endUser: body.user } : {}),
    encoding: body.encoding_format ?? "float",
  };
}

function readInputs(input: string | readonly unknown[], losses: Losses): string[] {
  if (typeof input === "string") return [input];
  return input.map((text, index) => {
    if (typeof text === "string") return text;
    if (typeof text === "number" || Array.isArray(text)) {
      losses.refuse("input", "tokens are OpenAI's own; send the text");
    }
    return refuseShape(`input[${index}]`, "expected a string");
  });
}

/**
 * Requests that ask for all of the inputs, in their order; more than one where OpenAI takes no more at once.
 * Source: https://developers.openai.com/api/reference/resources/embeddings/methods/create (2048 inputs)
 * @param told where `taskType` and `title`, which only Gemini knows, are named as left out
 */
export function writeOpenAiEmbed(request: EmbedRequest, told: { readonly losses: Losses }): WrittenRequest[] {
  if (request.task !== undefined) told.losses.ignore("taskType");
  if (request.title !== undefined) told.losses.ignore("title");
  const written: WrittenRequest[] = [];
  for (let start = 0; start < request.inputs.length; start += MAX_INPUTS) {
    const body = {
      model: request.model,
      input: request.inputs.slice(start, start + MAX_INPUTS),
      // Servers that imitate OpenAI do not all know base64.
      encoding_format: "float",
      ...(request.dimensions === undefined ? {} : { dimensions: request.dimensions }),
      ...(request.endUser === undefined ? {} : { user: request.endUser }),
    };
    written.push({ path: "/v1/embeddings", query: "", body, headers: [] });
  }
  return written;
}

/**
 * Reads OpenAI's answer to one request, numbers and base64 alike.
 * Source: https://developers.openai.com/api/reference/resources/embeddings (The embedding object)
 * @throws {AnswerUnreadableError} when a vector is missing or is none
 */
export function readOpenAiEmbedAnswer(body: unknown): EmbedAnswer {
  const data = listAt(body, "data");
  if (data.length === 0) throw new AnswerUnreadableError("it has no embeddings");
  const vectors: (readonly number[])[] = new Array(data.length);
  data.forEach((entry, position) => {
    const told = valueAt(entry, "index");
    const index = typeof told === "number" ? told : position;
    const vector = isRecord(entry) ? readVector(entry["embedding"]) : undefined;
    const isPlace = Number.isInteger(index) && index >= 0 && index < data.length &&
      !Object.hasOwn(vectors, index);
    if (vector === undefined || !isPlace) throw new AnswerUnreadableError(`embedding ${position} is none`);
    vectors[index] = vector;
  });
  const inputTokens = valueAt(body, "usage", "prompt_tokens");
  return { vectors, ...(typeof inputTokens === "number" ? { inputTokens } : {}) };
}

function readVector(embedding: unknown): number[] | undefined {
  return typeof embedding === "string" ? vectorOfBase64(embedding) : numbersOf(embedding);
}

/**
 * The answer as OpenAI writes it. Clients read its counts without asking whether there are any, so tokens that were
 * not told are written as 0.
 */
export function writeOpenAiEmbedAnswer(
  answer: EmbedAnswer,
  told: { readonly model: string; readonly encoding: EmbedRequest["encoding"] },
): Record<string, unknown> {
  const tokens = answer.inputTokens ?? 0;
  return {
    object: "list",
    data: answer.vectors.map((vector, index) => ({
      object: "embedding",
      index,
      embedding: told.encoding === "base64" ? base64OfVector(vector) : vector,
    })),
    model: told.model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}
