import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import {
  generateObject,
  generateText,
  jsonSchema,
  type LanguageModel,
  type LanguageModelUsage,
  type ModelMessage,
  stepCountIs,
  streamText,
  tool,
} from "ai";
import { CLIENT_KEY } from "../../support/keyturn_under_test.ts";
import type { MatrixAsk, MatrixClient, Said, SaidUsage } from "./client.ts";
import { MAX_ROUNDS, runTool, toldCall, TOOLS } from "./tools.ts";

const SETTINGS = { maxRetries: 0, maxOutputTokens: 9000, providerOptions: { openai: { store: false } } };

/** The `ai` package by its OpenAI provider and chat completions; that does not read the words of thoughts. */
export const vercelOpenaiChat = vercel(
  "ai + openai chat",
  false,
  { openai: { reasoningEffort: "medium", forceReasoning: true } },
  ({ url, model }) => createOpenAI({ baseURL: `${url}/v1`, apiKey: CLIENT_KEY }).chat(model),
);

/** The `ai` package by its OpenAI provider and responses, without the provider's memory. */
export const vercelOpenaiResponses = vercel(
  "ai + openai responses",
  true,
  {
    openai: { store: false, reasoningEffort: "medium", reasoningSummary: "auto", forceReasoning: true },
  },
  ({ url, model }) => createOpenAI({ baseURL: `${url}/v1`, apiKey: CLIENT_KEY }).responses(model),
);

/** The `ai` package by its Anthropic provider. */
export const vercelAnthropic = vercel(
  "ai + anthropic",
  true,
  { anthropic: { thinking: { type: "enabled", budgetTokens: 1024 } } },
  ({ url, model }) => createAnthropic({ baseURL: `${url}/v1`, apiKey: CLIENT_KEY })(model),
);

/** The `ai` package by its Google provider. */
export const vercelGoogle = vercel(
  "ai + google",
  true,
  { google: { thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 } } },
  ({ url, model }) => createGoogleGenerativeAI({ baseURL: `${url}/v1beta`, apiKey: CLIENT_KEY })(model),
);

type ProviderOptions = NonNullable<Parameters<typeof generateText>[0]["providerOptions"]>;

function vercel(
  name: string,
  showsThoughts: boolean,
  thinkingOptions: ProviderOptions,
  modelOf: (ask: MatrixAsk) => LanguageModel,
): MatrixClient {
  const thinking = { ...SETTINGS, providerOptions: thinkingOptions };
  return {
    name,
    showsThoughts,
    chat: (ask) => answer({ ...SETTINGS, model: modelOf(ask), prompt: ask.text }),
    cut: (ask, maxOutputTokens) =>
      answer({ ...SETTINGS, model: modelOf(ask), prompt: ask.text, maxOutputTokens }),
    stream: (ask) => streamed({ ...SETTINGS, model: modelOf(ask), prompt: ask.text }),
    see: (ask) =>
      answer({
        ...SETTINGS,
        model: modelOf(ask),
        messages: [{
          role: "user",
          content: [
            { type: "text", text: ask.text },
            { type: "file", data: ask.base64, mediaType: ask.mediaType },
          ],
        }],
      }),
    async shape(ask) {
      const schema = jsonSchema<unknown>({ ...ask.schema });
      return (await generateObject({ ...SETTINGS, model: modelOf(ask), schema, prompt: ask.text })).object;
    },
    think(ask, isStream) {
      const options = { ...thinking, model: modelOf(ask), prompt: ask.text };
      return isStream ? streamed(options) : answer(options);
    },
    async loop(ask) {
      const options = {
        ...(ask.isThinking ? thinking : SETTINGS),
        model: modelOf(ask),
        tools: toolSet(),
        stopWhen: stepCountIs(MAX_ROUNDS),
      };
      const asked: ModelMessage[] = [{ role: "user", content: ask.text }];
      const result = ask.isStream
        ? streamText({ ...options, messages: asked, onError })
        : await generateText({ ...options, messages: asked });
      const steps = await result.steps;
      const said = (await result.response).messages;
      const messages: ModelMessage[] = [...asked, ...said, { role: "user", content: ask.followUp }];
      return {
        rounds: steps.map((step) => step.toolCalls.map((call) => toldCall(call.toolName, call.input)))
          .filter((calls) => calls.length > 0),
        text: await result.text,
        thoughts: steps.map((step) => step.reasoningText ?? "").join(""),
        after: (await generateText({ ...options, messages })).text,
      };
    },
    async leave(ask) {
      const leaving = new AbortController();
      const options = {
        ...SETTINGS,
        model: modelOf(ask),
        prompt: ask.text,
        abortSignal: leaving.signal,
        onError,
      };
      for await (const piece of streamText(options).textStream) if (piece !== "") leaving.abort();
    },
  };
}

/** The error comes again when the result is read; without this it is printed too. */
function onError(): void {}

function toolSet() {
  return Object.fromEntries(TOOLS.map(({ name, description, parameters }) => [
    name,
    tool({
      description,
      inputSchema: jsonSchema<unknown>({ ...parameters }),
      execute: (input) => runTool(name, input),
    }),
  ]));
}

async function answer(options: Parameters<typeof generateText>[0]): Promise<Said> {
  const result = await generateText(options);
  return {
    text: result.text,
    finish: result.finishReason,
    usage: usageOf(result.totalUsage),
    pieces: 1,
    thoughts: result.reasoningText ?? "",
  };
}

async function streamed(options: Parameters<typeof streamText>[0]): Promise<Said> {
  const result = streamText({ ...options, onError });
  let [text, pieces] = ["", 0];
  for await (const piece of result.textStream) {
    text += piece;
    pieces++;
  }
  return {
    text,
    finish: await result.finishReason,
    usage: usageOf(await result.totalUsage),
    pieces,
    thoughts: await result.reasoningText ?? "",
  };
}

function usageOf(usage: LanguageModelUsage): SaidUsage {
  return {
    inputTokens: usage.inputTokens ?? -1,
    outputTokens: usage.outputTokens ?? -1,
    cachedTokens: usage.inputTokenDetails.cacheReadTokens ?? 0,
    reasoningTokens: usage.outputTokenDetails.reasoningTokens,
  };
}
