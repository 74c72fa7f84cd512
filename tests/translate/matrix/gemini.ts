import {
  type Content,
  type FunctionCall,
  type GenerateContentConfig,
  type GenerateContentResponse,
  GoogleGenAI,
  type Part,
} from "@google/genai";
import { CLIENT_KEY } from "../../support/keyturn_under_test.ts";
import type { MatrixAsk, MatrixClient, Said } from "./client.ts";
import { MAX_ROUNDS, runTool, toldCall, TOOLS } from "./tools.ts";

const THINKING: GenerateContentConfig = { thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 } };

/** The `@google/genai` package. */
export const geminiGenerate: MatrixClient = {
  name: "gemini",
  showsThoughts: true,
  chat: (ask) => answer(ask, ask.text),
  cut: (ask, maxOutputTokens) => answer(ask, ask.text, { maxOutputTokens }),
  stream: (ask) => streamed(ask, ask.text),
  see: (ask) =>
    answer(ask, [{
      role: "user",
      parts: [{ inlineData: { mimeType: ask.mediaType, data: ask.base64 } }, { text: ask.text }],
    }]),
  async shape(ask) {
    const config = { responseMimeType: "application/json", responseJsonSchema: ask.schema };
    return JSON.parse((await answer(ask, ask.text, config)).text);
  },
  think: (ask, isStream) => isStream ? streamed(ask, ask.text, THINKING) : answer(ask, ask.text, THINKING),
  async loop(ask) {
    const { models } = clientOf(ask);
    const contents: Content[] = [{ role: "user", parts: [{ text: ask.text }] }];
    const functionDeclarations = TOOLS.map(({ name, description, parameters }) => ({
      name,
      description,
      parametersJsonSchema: parameters,
    }));
    const config: GenerateContentConfig = {
      systemInstruction: "Use the tools.",
      tools: [{ functionDeclarations }],
      ...(ask.isThinking ? THINKING : {}),
    };
    const rounds: string[][] = [];
    let [thoughts, text] = ["", ""];
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const body = { model: ask.model, contents, config };
      const answers = ask.isStream
        ? await Array.fromAsync(await models.generateContentStream(body))
        : [await models.generateContent(body)];
      const parts = answers.flatMap(partsOf);
      thoughts += textOf(parts, true);
      const calls = parts.flatMap((part) => part.functionCall === undefined ? [] : [part.functionCall]);
      contents.push({ role: "model", parts });
      if (text !== "") return { rounds, text, thoughts, after: textOf(parts, false) };
      if (calls.length === 0) {
        text = textOf(parts, false);
        contents.push({ role: "user", parts: [{ text: ask.followUp }] });
        continue;
      }
      contents.push({ role: "user", parts: calls.map(resultOf) });
      rounds.push(calls.map((call) => toldCall(call.name ?? "", call.args)));
    }
    return { rounds, text, thoughts, after: "" };
  },
  /** Leaving the loop is not enough: this SDK reads on unless it is told to stop. */
  async leave(ask) {
    const leaving = new AbortController();
    const config = { abortSignal: leaving.signal };
    const stream = await clientOf(ask).models.generateContentStream({
      model: ask.model,
      contents: ask.text,
      config,
    });
    for await (const piece of stream) if ((piece.text ?? "") !== "") break;
    leaving.abort();
  },
};

function resultOf({ id, name = "", args }: FunctionCall): Part {
  return {
    functionResponse: {
      ...(id === undefined ? {} : { id }),
      name,
      response: { output: runTool(name, args) },
    },
  };
}

function clientOf({ url }: MatrixAsk): GoogleGenAI {
  const httpOptions = { baseUrl: url, retryOptions: { attempts: 1 } };
  return new GoogleGenAI({ apiKey: CLIENT_KEY, httpOptions });
}

async function answer(
  { url, model, text }: MatrixAsk,
  contents: string | Content[],
  config: GenerateContentConfig = {},
): Promise<Said> {
  const response = await clientOf({ url, model, text }).models.generateContent({ model, contents, config });
  return saidBy([response]);
}

async function streamed(ask: MatrixAsk, contents: string, asked: GenerateContentConfig = {}): Promise<Said> {
  const leaving = new AbortController();
  const config = { ...asked, abortSignal: leaving.signal };
  try {
    const stream = await clientOf(ask).models.generateContentStream({ model: ask.model, contents, config });
    return saidBy(await Array.fromAsync(stream));
  } finally {
    // Of a stream with an error in it this SDK neither reads nor cancels the rest.
    leaving.abort();
  }
}

function saidBy(answers: readonly GenerateContentResponse[]): Said {
  const parts = answers.flatMap(partsOf);
  const last = answers.at(-1);
  const usage = last?.usageMetadata;
  return {
    text: textOf(parts, false),
    finish: last?.candidates?.[0]?.finishReason ?? "",
    usage: {
      inputTokens: usage?.promptTokenCount ?? -1,
      outputTokens: (usage?.candidatesTokenCount ?? 0) + (usage?.thoughtsTokenCount ?? 0),
      cachedTokens: usage?.cachedContentTokenCount ?? 0,
      reasoningTokens: usage?.thoughtsTokenCount ?? 0,
    },
    pieces: parts.filter((part) => (part.text ?? "") !== "" && part.thought !== true).length,
    thoughts: textOf(parts, true),
  };
}

function partsOf(response: GenerateContentResponse): Part[] {
  return response.candidates?.[0]?.content?.parts ?? [];
}

function textOf(parts: readonly Part[], isThought: boolean): string {
  return parts.filter((part) => (part.thought === true) === isThought).map((part) => part.text ?? "").join(
    "",
  );
}
