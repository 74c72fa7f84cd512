import { z } from "zod";
import {
  jsonAnswer,
  readJson,
  type SimulatedAnswer,
  type SimulatedRequest,
  type World,
} from "./simulated_dialect.ts";
import { invalidGemini } from "./simulated_gemini_errors.ts";
import { type GenerateBody, generateBody, promptOf, readGenerateBody } from "./simulated_gemini_prompt.ts";
import { composeReply, type Finish, type Reply } from "./simulated_reply.ts";

/** `:generateContent`. Source: https://ai.google.dev/api/generate-content */
export function answerGenerate(request: SimulatedRequest, world: World, model: string): SimulatedAnswer {
  const read = readGenerateBody(request);
  if ("objection" in read) return read.objection;
  const choices = read.body.generationConfig?.candidateCount ?? 1;
  const reply = composeReply(promptOf(read.body), world.isEmpty);
  const parts = partsOf(reply, read.body, request.number);
  const candidates = Array.from(
    { length: choices },
    (_, index) => candidate(parts.flat(), index, FINISH[reply.finish]),
  );
  const { inputTokens, outputTokens } = reply.tokens;
  return jsonAnswer(
    200,
    responseOf(candidates, reply, choices, model, request),
    { inputTokens, outputTokens: outputTokens * choices },
    [],
    "application/json; charset=UTF-8",
  );
}

/**
 * `:streamGenerateContent`: server-sent events with CRLF ends under `alt=sse`, else one JSON array. There is no
 * end mark but `finishReason`. Source: https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent
 */
export function answerStream(request: SimulatedRequest, world: World, model: string): SimulatedAnswer {
  const read = readGenerateBody(request);
  if ("objection" in read) return read.objection;
  const reply = composeReply(promptOf(read.body), world.isEmpty);
  const parts = partsOf(reply, read.body, request.number);
  const steps = parts.length === 0 ? [[]] : parts;
  const values = steps.map((step, index) => {
    const finish = index === steps.length - 1 ? FINISH[reply.finish] : undefined;
    return responseOf([candidate(step, 0, finish)], reply, 1, model, request);
  });
  const failure = {
    error: { code: 503, message: "This model is currently experiencing high demand.", status: "UNAVAILABLE" },
  };
  const isSse = request.query.get("alt") === "sse";
  const shared = { kind: "events", preamble: 0, tokens: reply.tokens } as const;
  if (isSse) {
    const event = (value: unknown): string => `data: ${JSON.stringify(value)}\r\n\r\n`;
    return {
      ...shared,
      contentType: "text/event-stream",
      events: values.map(event),
      errorEvent: event(failure),
    };
  }
  const events = values.map((value, index) => (index === 0 ? "[" : ",\r\n") + JSON.stringify(value));
  const errorEvent = `[${JSON.stringify(failure)}]`;
  const laterErrorEvent = `,\r\n${JSON.stringify(failure)}]`;
  return {
    ...shared,
    contentType: "application/json; charset=UTF-8",
    events: [...events, "]"],
    errorEvent,
    laterErrorEvent,
  };
}

/** `:countTokens`. Source: https://ai.google.dev/api/tokens */
export function countGeminiTokens(request: SimulatedRequest, _world: World, _model: string): SimulatedAnswer {
  const json = z.looseObject({ generateContentRequest: z.unknown().optional() }).safeParse(readJson(request));
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

/** The parts of the answer, in the steps in which they are streamed. */
function partsOf(reply: Reply, body: GenerateBody, number: number): unknown[][] {
  const steps: unknown[][] = [];
  const showsThoughts = body.generationConfig?.thinkingConfig?.includeThoughts === true;
  if (reply.reasoning !== "" && showsThoughts) steps.push([{ text: reply.reasoning, thought: true }]);
  for (const piece of reply.pieces) steps.push([{ text: piece }]);
  if (reply.calls.length > 0) {
    // Of parallel calls only the first carries the signature.
    steps.push(reply.calls.map((call, index) => ({
      functionCall: { id: `call_${number}_${index}`, name: call.name, args: call.args },
      ...(index === 0 && reply.reasoning !== "" ? { thoughtSignature: btoa(`signature-${number}`) } : {}),
    })));
  }
  return steps;
}

const FINISH: Record<Finish, string> = {
  stop: "STOP",
  stop_sequence: "STOP",
  length: "MAX_TOKENS",
  tool_calls: "STOP",
};

function candidate(parts: readonly unknown[], index: number, finishReason: string | undefined): unknown {
  const merged = mergeText(parts);
  return {
    content: merged.length === 0 ? { role: "model" } : { parts: merged, role: "model" },
    ...(finishReason === undefined ? {} : { finishReason }),
    index,
  };
}

const textPart = z.strictObject({ text: z.string() });

/** Neighbouring text parts as one, as they come when the answer is not streamed. */
function mergeText(parts: readonly unknown[]): unknown[] {
  const merged: unknown[] = [];
  let text = "";
  for (const one of parts) {
    const read = textPart.safeParse(one);
    if (read.success) {
      text += read.data.text;
      continue;
    }
    if (text !== "") merged.push({ text });
    text = "";
    merged.push(one);
  }
  return text === "" ? merged : [...merged, { text }];
}

function responseOf(
  candidates: readonly unknown[],
  reply: Reply,
  choices: number,
  model: string,
  request: SimulatedRequest,
): unknown {
  const { inputTokens, outputTokens, reasoningTokens, cachedTokens } = reply.tokens;
  return {
    candidates,
    usageMetadata: {
      promptTokenCount: inputTokens,
      candidatesTokenCount: (outputTokens - reasoningTokens) * choices,
      totalTokenCount: inputTokens + outputTokens * choices,
      promptTokensDetails: [{ modality: "TEXT", tokenCount: inputTokens }],
      ...(reasoningTokens > 0 ? { thoughtsTokenCount: reasoningTokens * choices } : {}),
      ...(cachedTokens > 0 ? { cachedContentTokenCount: cachedTokens } : {}),
    },
    modelVersion: model,
    responseId: `resp-${request.number}`,
  };
}
