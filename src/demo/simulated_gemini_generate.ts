import { z } from "zod";
import {
  jsonAnswer,
  readJson,
  type SimulatedAnswer,
  type SimulatedRequest,
  type World,
} from "./simulated_dialect.ts";
import { type Candidate, candidateOf, responseOf, stepsOf } from "./simulated_gemini_answer.ts";
import { invalidGemini } from "./simulated_gemini_errors.ts";
import { promptOf, readGenerateBody } from "./simulated_gemini_prompt.ts";
import { generateBody, inCamelCase } from "./simulated_gemini_request.ts";
import { composeReply, type Reply } from "./simulated_reply.ts";

/** `:generateContent`. Source: https://ai.google.dev/api/generate-content */
export function answerGenerate(request: SimulatedRequest, world: World, model: string): SimulatedAnswer {
  const read = readGenerateBody(request, model);
  if ("objection" in read) return read.objection;
  const { generationConfig: config } = read.body;
  const reply = composeReply(promptOf(read.body), world.isEmpty);
  const parts = stepsOf(reply, config, model, request.number).flat();
  const candidates = Array.from(
    { length: config?.candidateCount ?? 1 },
    (_, index) => candidateOf({ parts, index, reply, isLast: true, logprobs: logprobsOf(config) }),
  );
  const { inputTokens, outputTokens } = reply.tokens;
  return jsonAnswer(
    200,
    responseOf(candidates, reply, candidates.length, model, request.number),
    { inputTokens, outputTokens: outputTokens * candidates.length },
    [],
    "application/json; charset=UTF-8",
  );
}

/**
 * `:streamGenerateContent`: server-sent events with CRLF ends under `alt=sse`, else one JSON array. There is no
 * end mark but `finishReason`. Source: https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent
 */
export function answerStream(request: SimulatedRequest, world: World, model: string): SimulatedAnswer {
  const read = readGenerateBody(request, model);
  if ("objection" in read) return read.objection;
  const { generationConfig: config } = read.body;
  const reply = composeReply(promptOf(read.body), world.isEmpty);
  const choices = config?.candidateCount ?? 1;
  const steps = stepsOf(reply, config, model, request.number);
  const values = streamed(steps.length === 0 ? [[]] : steps, choices, reply, logprobsOf(config)).map(
    (candidate, index, all) => {
      const isWhole = index === all.length - 1;
      return responseOf([candidate], reply, isWhole ? choices : 0, model, request.number);
    },
  );
  const { inputTokens, outputTokens } = reply.tokens;
  const tokens = { inputTokens, outputTokens: outputTokens * choices };
  return request.query.get("alt") === "sse" ? sse(values, tokens) : jsonArray(values, tokens);
}

/** `:countTokens`. Source: https://ai.google.dev/api/tokens */
export function countGeminiTokens(request: SimulatedRequest, _world: World, _model: string): SimulatedAnswer {
  const json = z.looseObject({ generateContentRequest: z.unknown().optional() })
    .safeParse(inCamelCase(readJson(request)));
  const parsed = generateBody.safeParse(
    json.success ? json.data.generateContentRequest ?? json.data : undefined,
  );
  if (!parsed.success) return invalidGemini(parsed.error);
  const totalTokens = composeReply(promptOf(parsed.data), true).tokens.inputTokens;
  return jsonAnswer(200, {
    totalTokens,
    promptTokensDetails: [{ modality: "TEXT", tokenCount: totalTokens }],
  });
}

function logprobsOf(
  config: { responseLogprobs?: boolean | undefined; logprobs?: number | undefined } | undefined,
) {
  return config?.responseLogprobs === true ? config.logprobs ?? 0 : undefined;
}

function streamed(
  steps: readonly (readonly unknown[])[],
  choices: number,
  reply: Reply,
  logprobs: number | undefined,
): Candidate[] {
  return steps.flatMap((parts, at) =>
    Array.from(
      { length: choices },
      (_, index) => candidateOf({ parts, index, reply, isLast: at === steps.length - 1, logprobs }),
    )
  );
}

const FAILURE = {
  error: { code: 503, message: "This model is currently experiencing high demand.", status: "UNAVAILABLE" },
};

type Tokens = SimulatedAnswer["tokens"];

function sse(values: readonly unknown[], tokens: Tokens): SimulatedAnswer {
  const event = (value: unknown): string => `data: ${JSON.stringify(value)}\r\n\r\n`;
  return {
    kind: "events",
    preamble: 0,
    tokens,
    contentType: "text/event-stream",
    events: values.map(event),
    errorEvent: event(FAILURE),
  };
}

function jsonArray(values: readonly unknown[], tokens: Tokens): SimulatedAnswer {
  const events = values.map((value, index) => (index === 0 ? "[" : ",\r\n") + JSON.stringify(value));
  return {
    kind: "events",
    preamble: 0,
    tokens,
    contentType: "application/json; charset=UTF-8",
    events: [...events, "]"],
    errorEvent: `[${JSON.stringify(FAILURE)}]`,
    laterErrorEvent: `,\r\n${JSON.stringify(FAILURE)}]`,
  };
}
