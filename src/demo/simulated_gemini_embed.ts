import { z } from "zod";
import {
  jsonAnswer,
  readJson,
  type SimulatedAnswer,
  type SimulatedRequest,
  type World,
} from "./simulated_dialect.ts";
import { badGemini, invalidGemini } from "./simulated_gemini_errors.ts";
import { inCamelCase } from "./simulated_gemini_request.ts";
import { countWords } from "./simulated_reply.ts";
import { vectorOf } from "./simulated_vector.ts";

const DIMENSIONS = 3072;
const MAX_BATCH = 100;
const one = z.strictObject({
  model: z.string().optional(),
  content: z.strictObject({
    role: z.string().optional(),
    parts: z.array(z.strictObject({ text: z.string().optional(), inlineData: z.unknown().optional() })),
  }),
  taskType: z.string().optional(),
  title: z.string().optional(),
  outputDimensionality: z.number().int().positive().optional(),
});
const batch = z.strictObject({ requests: z.array(one) });

/** `:embedContent`. Source: https://ai.google.dev/api/embeddings#method:-models.embedcontent */
export function answerEmbed(request: SimulatedRequest, _world: World, _model: string): SimulatedAnswer {
  const parsed = one.safeParse(inCamelCase(readJson(request)));
  if (!parsed.success) return invalidGemini(parsed.error);
  return jsonAnswer(200, { embedding: { values: valuesOf(parsed.data) } }, tokensOf([parsed.data]));
}

/** `:batchEmbedContents`, at most 100. Source: https://ai.google.dev/api/embeddings#method:-models.batchembedcontents */
export function answerBatchEmbed(request: SimulatedRequest, _world: World, model: string): SimulatedAnswer {
  const parsed = batch.safeParse(inCamelCase(readJson(request)));
  if (!parsed.success) return invalidGemini(parsed.error);
  const { requests } = parsed.data;
  if (requests.length > MAX_BATCH) {
    return badGemini(
      `* BatchEmbedContentsRequest.requests: at most ${MAX_BATCH} requests can be in one batch\n`,
    );
  }
  const stranger = requests.findIndex((each) => each.model !== `models/${model}`);
  if (stranger >= 0) {
    return badGemini(
      `* BatchEmbedContentsRequest.requests[${stranger}].model: all requests must be of the model of the path\n`,
    );
  }
  return jsonAnswer(
    200,
    { embeddings: requests.map((each) => ({ values: valuesOf(each) })) },
    tokensOf(requests),
  );
}

function valuesOf(request: z.infer<typeof one>): number[] {
  return Array.from(vectorOf(textOf(request), request.outputDimensionality ?? DIMENSIONS));
}

function tokensOf(requests: readonly z.infer<typeof one>[]): { inputTokens: number; outputTokens: number } {
  return { inputTokens: requests.reduce((sum, each) => sum + countWords(textOf(each)), 0), outputTokens: 0 };
}

function textOf(request: z.infer<typeof one>): string {
  return request.content.parts.map((part) => part.text ?? "").join(" ");
}
