import OpenAI from "openai";
import { CLIENT_KEY } from "../../support/keyturn_under_test.ts";
import type { MatrixAsk, MatrixClient, Said } from "./client.ts";
import { MAX_ROUNDS, runTool, toldCall, TOOLS } from "./tools.ts";

type Body = Omit<OpenAI.Responses.ResponseCreateParamsNonStreaming, "stream">;
const THINKING = {
  reasoning: { effort: "medium", summary: "auto" },
  include: ["reasoning.encrypted_content"],
} satisfies Partial<Body>;

/** The `openai` package by its responses, without the provider's memory (`store: false`). */
export const openaiResponses: MatrixClient = {
  name: "openai responses",
  showsThoughts: true,
  chat: (ask) => answer(ask, bodyOf(ask)),
  cut: (ask, maxTokens) => answer(ask, { ...bodyOf(ask), max_output_tokens: maxTokens }),
  stream: (ask) => streamed(ask, bodyOf(ask)),
  see: (ask) =>
    answer(ask, {
      ...bodyOf(ask),
      input: [{
        role: "user",
        content: [
          { type: "input_text", text: ask.text },
          { type: "input_image", image_url: `data:${ask.mediaType};base64,${ask.base64}`, detail: "low" },
        ],
      }],
    }),
  async shape(ask) {
    const format = { type: "json_schema" as const, name: "answer", strict: true, schema: { ...ask.schema } };
    return JSON.parse((await answer(ask, { ...bodyOf(ask), text: { format } })).text);
  },
  think(ask, isStream) {
    const body = { ...bodyOf(ask), ...THINKING };
    return isStream ? streamed(ask, body) : answer(ask, body);
  },
  async loop(ask) {
    const client = clientOf(ask);
    const input: OpenAI.Responses.ResponseInput = [{ role: "user", content: ask.text }];
    const tools: OpenAI.Responses.Tool[] = TOOLS.map((tool) => ({
      ...tool,
      type: "function",
      strict: true,
      parameters: { ...tool.parameters },
    }));
    const rounds: string[][] = [];
    let [thoughts, text] = ["", ""];
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const body = {
        ...bodyOf(ask),
        instructions: "Use the tools.",
        input,
        tools,
        ...(ask.isThinking ? THINKING : {}),
      };
      const response = ask.isStream
        ? await client.responses.stream(body).finalResponse()
        : await client.responses.create(body);
      thoughts += thoughtsOf(response);
      const calls: string[] = [];
      const results: OpenAI.Responses.ResponseInputItem[] = [];
      for (const item of response.output) {
        if (item.type === "message" || item.type === "reasoning" || item.type === "function_call") {
          input.push(item);
        }
        if (item.type !== "function_call") continue;
        const args: unknown = JSON.parse(item.arguments);
        calls.push(toldCall(item.name, args));
        results.push({
          type: "function_call_output",
          call_id: item.call_id,
          output: runTool(item.name, args),
        });
      }
      if (text !== "") return { rounds, text, thoughts, after: response.output_text };
      if (calls.length === 0) {
        text = response.output_text;
        input.push({ role: "user", content: ask.followUp });
        continue;
      }
      input.push(...results);
      rounds.push(calls);
    }
    return { rounds, text, thoughts, after: "" };
  },
  async leave(ask) {
    const stream = await clientOf(ask).responses.create({ ...bodyOf(ask), stream: true });
    for await (const event of stream) if (event.type === "response.output_text.delta") break;
  },
};

function clientOf({ url }: MatrixAsk): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: CLIENT_KEY, maxRetries: 0 });
}

function bodyOf({ model, text }: MatrixAsk): Body {
  return { model, input: text, store: false };
}

async function answer(ask: MatrixAsk, body: Body): Promise<Said> {
  return saidBy(await clientOf(ask).responses.create(body), 1);
}

async function streamed(ask: MatrixAsk, body: Body): Promise<Said> {
  let pieces = 0;
  let text = "";
  const stream = clientOf(ask).responses.stream(body);
  stream.on("response.output_text.delta", ({ delta }) => {
    pieces++;
    text += delta;
  });
  return { ...saidBy(await stream.finalResponse(), pieces), text };
}

function saidBy(response: OpenAI.Responses.Response, pieces: number): Said {
  return {
    text: response.output_text,
    finish: response.status ?? "",
    usage: {
      inputTokens: response.usage?.input_tokens ?? -1,
      outputTokens: response.usage?.output_tokens ?? -1,
      cachedTokens: response.usage?.input_tokens_details.cached_tokens ?? 0,
      reasoningTokens: response.usage?.output_tokens_details.reasoning_tokens ?? 0,
    },
    pieces,
    thoughts: thoughtsOf(response),
  };
}

function thoughtsOf(response: OpenAI.Responses.Response): string {
  return response.output.flatMap((item) =>
    item.type === "reasoning" ? item.summary.map(({ text }) => text) : []
  )
    .join("");
}
