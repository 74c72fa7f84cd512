import { z } from "zod";
import { listAt, valueAt } from "../core/json.ts";
import type { EmbedAnswer, EmbedRequest } from "./embed.ts";
import { numbersOf, withUnitLength } from "./embed_vector.ts";
import { readGeminiModel } from "./gemini_model.ts";
import { isGiven, refuseShape, shaped } from "./caller_shape.ts";
import type { Losses } from "./losses.ts";
import { AnswerUnreadableError, type AskedByPath, type WrittenRequest } from "./sides.ts";

const MAX_BATCH = 100;

const embedConfig = z.looseObject({
  taskType: z.string().nullish(),
  title: z.string().nullish(),
  outputDimensionality: z.number().int().positive().nullish(),
});

const embedBody = embedConfig.extend({
  model: z.string().nullish(),
  content: z.looseObject({ parts: z.array(z.looseObject({ text: z.string().nullish() })).min(1) }),
  embedContentConfig: embedConfig.nullish(),
});

const batchBody = z.looseObject({ requests: z.array(z.looseObject({})).min(1) });

const KNOWN = ["model", "content", "taskType", "title", "outputDimensionality", "embedContentConfig"];

/**
 * Reads the body of `:embedContent`. Source: https://ai.google.dev/api/embeddings#method:-models.embedcontent
 * @throws {AppError} `invalid_request`; anything but text is refused
 */
export function readGeminiEmbed(value: unknown, asked: AskedByPath, losses: Losses): EmbedRequest {
  const { text, settings } = readOne(value, "", asked, losses);
  return { model: modelOf(asked), inputs: [text], ...settings, encoding: "float" };
}

/**
 * Reads the body of `:batchEmbedContents`. Its requests may differ in their texts only: other providers take one
 * setting for all. Source: https://ai.google.dev/api/embeddings#method:-models.batchembedcontents
 * @throws {AppError} `invalid_request`
 */
export function readGeminiBatchEmbed(value: unknown, asked: AskedByPath, losses: Losses): EmbedRequest {
  const { requests, ...rest } = shaped(batchBody, value, "");
  for (const field of Object.keys(rest)) if (field !== "model") losses.ignore(field);
  const read = requests.map((request, index) => readOne(request, `requests[${index}]`, asked, losses));
  const settings = read[0]?.settings ?? {};
  read.forEach((one, index) => {
    for (const [name, field] of SETTINGS) {
      if (one.settings[name] === settings[name]) continue;
      losses.refuse(`requests[${index}].${field}`, "it takes one setting for all texts");
    }
  });
  return { model: modelOf(asked), inputs: read.map(({ text }) => text), ...settings, encoding: "float" };
}

type Settings = Pick<EmbedRequest, "task" | "title" | "dimensions">;

const SETTINGS = [["task", "taskType"], ["title", "title"], ["dimensions", "outputDimensionality"]] as const;

function readOne(
  value: unknown,
  at: string,
  asked: AskedByPath,
  losses: Losses,
): { readonly text: string; readonly settings: Settings } {
  const body = shaped(embedBody, value, at);
  const prefix = at === "" ? "" : `${at}.`;
  if (isGiven(body.model) && bareName(body.model) !== modelOf(asked)) {
    refuseShape(`${prefix}model`, "it is not the model of the path");
  }
  const config = body.embedContentConfig ?? {};
  for (const field of Object.keys(body)) if (!KNOWN.includes(field)) losses.ignore(`${prefix}${field}`);
  for (const field of Object.keys(config)) {
    if (!KNOWN.includes(field)) losses.ignore(`${prefix}embedContentConfig.${field}`);
  }
  const texts = body.content.parts.map((part, index) => {
    if (isGiven(part.text)) return part.text;
    return losses.refuse(`${prefix}content.parts[${index}]`, "it embeds text only");
  });
  const task = config.taskType ?? body.taskType;
  const title = config.title ?? body.title;
  const dimensions = config.outputDimensionality ?? body.outputDimensionality;
  return {
    text: texts.join("\n"),
    settings: {
      ...(isGiven(task) ? { task } : {}),
      ...(isGiven(title) ? { title } : {}),
      ...(isGiven(dimensions) ? { dimensions } : {}),
    },
  };
}

function modelOf(asked: AskedByPath): string {
  return bareName(asked.model ?? refuseShape("model", "the path names none"));
}

function bareName(model: string): string {
  return model.replace(/^models\//, "");
}

/**
 * Requests that ask for all of the inputs, in their order, at most 100 in each.
 * Source: https://ai.google.dev/api/embeddings#method:-models.batchembedcontents
 * @param told where `user`, which Gemini has no place for, is named as left out
 */
export function writeGeminiEmbed(request: EmbedRequest, told: { readonly losses: Losses }): WrittenRequest[] {
  const { name, path } = readGeminiModel(request.model);
  const { task, title, dimensions } = request;
  if (request.endUser !== undefined) told.losses.ignore("user");
  const settings = {
    ...(task === undefined ? {} : { taskType: task }),
    ...(title === undefined ? {} : { title }),
    ...(dimensions === undefined ? {} : { outputDimensionality: dimensions }),
  };
  const written: WrittenRequest[] = [];
  for (let start = 0; start < request.inputs.length; start += MAX_BATCH) {
    const requests = request.inputs.slice(start, start + MAX_BATCH).map((text) => ({
      model: `models/${name}`,
      content: { parts: [{ text }] },
      ...settings,
    }));
    written.push({ path: `${path}:batchEmbedContents`, query: "", body: { requests }, headers: [] });
  }
  return written;
}

/**
 * Reads Gemini's answer to one request of `writeGeminiEmbed`, or to `:embedContent`. Vectors of reduced dimensions come
 * with another length than 1 before gemini-embedding-2, while OpenAI's callers count on 1.
 * Source: https://ai.google.dev/gemini-api/docs/embeddings (quality for smaller dimensions)
 * @throws {AnswerUnreadableError} when a vector is missing or is none
 */
export function readGeminiEmbedAnswer(
  body: unknown,
  request: Pick<EmbedRequest, "model" | "dimensions">,
): EmbedAnswer {
  const single = valueAt(body, "embedding");
  const embeddings = single === undefined ? listAt(body, "embeddings") : [single];
  if (embeddings.length === 0) throw new AnswerUnreadableError("it has no embeddings");
  const mustNormalise = request.dimensions !== undefined && !/gemini-embedding-[2-9]/.test(request.model);
  const vectors = embeddings.map((embedding, index) => {
    const vector = numbersOf(valueAt(embedding, "values"));
    if (vector === undefined) throw new AnswerUnreadableError(`embedding ${index} is none`);
    return mustNormalise ? withUnitLength(vector) : vector;
  });
  const inputTokens = valueAt(body, "usageMetadata", "promptTokenCount");
  return { vectors, ...(typeof inputTokens === "number" ? { inputTokens } : {}) };
}

/** The answer as Gemini writes it; counts that are not known are left out. */
export function writeGeminiEmbedAnswer(
  answer: EmbedAnswer,
  told: { readonly isBatch: boolean },
): Record<string, unknown> {
  const embeddings = answer.vectors.map((values) => ({ values }));
  const usage = answer.inputTokens === undefined
    ? {}
    : { usageMetadata: { promptTokenCount: answer.inputTokens, totalTokenCount: answer.inputTokens } };
  return { ...(told.isBatch ? { embeddings } : { embedding: embeddings[0] ?? { values: [] } }), ...usage };
}
