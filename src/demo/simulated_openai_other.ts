import { z } from "zod";
import {
  bytesAnswer,
  jsonAnswer,
  readJson,
  type SimulatedAnswer,
  type SimulatedRequest,
  type World,
} from "./simulated_dialect.ts";
import { tokensOf } from "./simulated_openai_chat.ts";
import {
  badParameter,
  invalidType,
  missingParameter,
  NO_JSON,
  temperatureObjection,
  unknownModel,
} from "./simulated_openai_errors.ts";
import { data, OPENAI_STREAM_ERROR } from "./simulated_openai_stream.ts";
import { textPrompt } from "./simulated_prompt.ts";
import { composeReply, countWords } from "./simulated_reply.ts";
import { base64Of, vectorOf } from "./simulated_vector.ts";

/** A PNG of one transparent pixel. */
export const ONE_PIXEL_PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

const completionBody = z.looseObject({
  model: z.string().optional(),
  prompt: z.union([z.string(), z.array(z.string())]).optional(),
  stream: z.boolean().nullish(),
  temperature: z.number().nullish(),
  max_tokens: z.number().int().nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
});

/** POST /v1/completions. Source: https://platform.openai.com/docs/api-reference/completions/create */
export function answerCompletion(request: SimulatedRequest, world: World): SimulatedAnswer {
  return withBody(request, world, completionBody, (body) => {
    const objection = temperatureObjection(body.temperature);
    if (objection !== undefined) return objection;
    const prompt = Array.isArray(body.prompt) ? body.prompt[0] ?? "" : body.prompt ?? "";
    const stop = typeof body.stop === "string" ? [body.stop] : body.stop ?? [];
    const reply = composeReply(textPrompt(prompt, body.max_tokens ?? 16, stop), world.isEmpty);
    const head = {
      id: `cmpl-${request.number}`,
      object: "text_completion",
      created: Math.floor(request.nowMs / 1000),
      model: body.model,
    };
    const finish = reply.finish === "length" ? "length" : "stop";
    const choice = (text: string, reason: string | null): unknown => ({
      ...head,
      choices: [{ text, index: 0, logprobs: null, finish_reason: reason }],
    });
    if (body.stream === true) {
      const events = [
        ...reply.pieces.map((piece) => data(choice(piece, null))),
        data(choice("", finish)),
        "data: [DONE]\n\n",
      ];
      const contentType = "text/event-stream; charset=utf-8";
      return {
        kind: "events",
        contentType,
        events,
        preamble: 0,
        errorEvent: OPENAI_STREAM_ERROR,
        tokens: reply.tokens,
      };
    }
    const { inputTokens, outputTokens } = reply.tokens;
    const usage = {
      prompt_tokens: inputTokens,
      completion_tokens: outputTokens,
      total_tokens: inputTokens + outputTokens,
    };
    return jsonAnswer(200, {
      ...head,
      choices: [{ text: reply.text, index: 0, logprobs: null, finish_reason: finish }],
      usage,
    }, tokensOf(reply, 1));
  });
}

const embeddingBody = z.looseObject({
  model: z.string().optional(),
  input: z.union([z.string(), z.array(z.string()), z.array(z.number()), z.array(z.array(z.number()))])
    .optional(),
  encoding_format: z.enum(["float", "base64"]).optional(),
  dimensions: z.number().int().positive().optional(),
});

/** POST /v1/embeddings. Source: https://platform.openai.com/docs/api-reference/embeddings/create */
export function answerEmbeddings(request: SimulatedRequest, world: World): SimulatedAnswer {
  return withBody(request, world, embeddingBody, (body) => {
    if (body.input === undefined) return missingParameter("input");
    const inputs = inputTexts(body.input);
    if (inputs.length === 0 || inputs.includes("")) {
      return badParameter("Invalid 'input': input cannot be an empty string.", "input", null);
    }
    if (body.dimensions !== undefined && body.model?.startsWith("text-embedding-3") !== true) {
      return badParameter("This model does not support specifying dimensions.", null, null);
    }
    const dimensions = body.dimensions ?? (body.model?.includes("large") ? 3072 : 1536);
    const vectors = inputs.map((text) => vectorOf(text, dimensions));
    const tokens = inputs.reduce((sum, text) => sum + countWords(text), 0);
    return jsonAnswer(200, {
      object: "list",
      data: vectors.map((vector, index) => ({
        object: "embedding",
        index,
        embedding: body.encoding_format === "base64" ? base64Of(vector) : Array.from(vector),
      })),
      model: body.model,
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    }, { inputTokens: tokens, outputTokens: 0 });
  });
}

const moderationBody = z.looseObject({
  model: z.string().optional(),
  input: z.union([z.string(), z.array(z.unknown())]).optional(),
});
const CATEGORIES = ["harassment", "hate", "illicit", "self-harm", "sexual", "violence"] as const;

/** POST /v1/moderations; flags what says "violence". Source: https://platform.openai.com/docs/api-reference/moderations */
export function answerModeration(request: SimulatedRequest, world: World): SimulatedAnswer {
  return withBody(request, world, moderationBody, (body) => {
    if (body.input === undefined) return missingParameter("input");
    const inputs = Array.isArray(body.input) ? body.input : [body.input];
    const results = inputs.map((input) => {
      const flagged = CATEGORIES.filter((name) => JSON.stringify(input).includes(name));
      return {
        flagged: flagged.length > 0,
        categories: Object.fromEntries(CATEGORIES.map((name) => [name, flagged.includes(name)])),
        category_scores: Object.fromEntries(
          CATEGORIES.map((name) => [name, flagged.includes(name) ? 0.98 : 0.01]),
        ),
      };
    });
    return jsonAnswer(200, {
      id: `modr-${request.number}`,
      model: body.model ?? "omni-moderation-latest",
      results,
    });
  }, false);
}

const imageBody = z.looseObject({
  model: z.string().optional(),
  prompt: z.string().optional(),
  n: z.number().int().positive().optional(),
  response_format: z.enum(["url", "b64_json"]).optional(),
});

/** POST /v1/images/generations. Source: https://platform.openai.com/docs/api-reference/images/create */
export function answerImages(request: SimulatedRequest, world: World): SimulatedAnswer {
  return withBody(request, world, imageBody, (body) => {
    if (body.prompt === undefined) return missingParameter("prompt");
    const isUrl = body.response_format === "url";
    const images = Array.from(
      { length: body.n ?? 1 },
      (_, index) =>
        isUrl
          ? { url: `https://images.example/${request.number}-${index}.png` }
          : { b64_json: ONE_PIXEL_PNG },
    );
    return jsonAnswer(200, { created: Math.floor(request.nowMs / 1000), data: images });
  }, false);
}

const speechBody = z.looseObject({
  model: z.string().optional(),
  input: z.string().optional(),
  voice: z.unknown().optional(),
});

/** POST /v1/audio/speech: ten bytes a character. Source: https://platform.openai.com/docs/api-reference/audio/createSpeech */
export function answerSpeech(request: SimulatedRequest, world: World): SimulatedAnswer {
  return withBody(request, world, speechBody, (body) => {
    if (body.input === undefined) return missingParameter("input");
    return bytesAnswer(
      "audio/mpeg",
      Uint8Array.from({ length: body.input.length * 10 }, (_, index) => index % 256),
    );
  });
}

function withBody<T extends { model?: string | undefined }>(
  request: SimulatedRequest,
  world: World,
  schema: z.ZodType<T>,
  answer: (body: T) => SimulatedAnswer,
  needsModel = true,
): SimulatedAnswer {
  const json = readJson(request);
  if (json === undefined) return badParameter(NO_JSON, null, null);
  const parsed = schema.safeParse(json);
  if (!parsed.success) return invalidType(parsed.error);
  const { model } = parsed.data;
  if (model === undefined && needsModel) {
    return badParameter("you must provide a model parameter", null, null);
  }
  if (model !== undefined && !world.models.includes(model)) return unknownModel(model);
  return answer(parsed.data);
}

function inputTexts(input: string | string[] | number[] | number[][]): string[] {
  if (typeof input === "string") return [input];
  const texts: string[] = [];
  const tokens: number[] = [];
  for (const one of input) {
    if (typeof one === "string") texts.push(one);
    else if (typeof one === "number") tokens.push(one);
    else texts.push(one.join(" "));
  }
  return tokens.length > 0 ? [tokens.join(" ")] : texts;
}
