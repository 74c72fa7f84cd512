import OpenAI from "openai";
import { at, CLIENT_KEY } from "../../support/keyturn_under_test.ts";
import type { MatrixAsk, MatrixClient, Said, SaidUsage } from "./client.ts";
import { MAX_ROUNDS, runTool, toldCall, TOOLS } from "./tools.ts";

type Body = OpenAI.Chat.ChatCompletionCreateParamsNonStreaming;

/** The `openai` package by its chat completions. */
export const openaiChat: MatrixClient = {
  name: "openai chat",
  showsThoughts: true,
  chat: (ask) => answer(ask, bodyOf(ask)),
  cut: (ask, maxTokens) => answer(ask, { ...bodyOf(ask), max_completion_tokens: maxTokens }),
  stream: (ask) => streamed(ask, bodyOf(ask)),
  see: (ask) =>
    answer(ask, {
      model: ask.model,
      messages: [{
        role: "user",
        content: [
          { type: "text", text: ask.text },
          {
            type: "image_url",
            image_url: { url: `data:${ask.mediaType};base64,${ask.base64}`, detail: "low" },
          },
        ],
      }],
    }),
  async shape(ask) {
    const json_schema = { name: "answer", strict: true, schema: { ...ask.schema } };
    const said = await answer(ask, { ...bodyOf(ask), response_format: { type: "json_schema", json_schema } });
    return JSON.parse(said.text);
  },
  think(ask, isStream) {
    const body = { ...bodyOf(ask), reasoning_effort: "medium" as const };
    return isStream ? streamed(ask, body) : answer(ask, body);
  },
  async loop(ask) {
    const client = clientOf(ask);
    const messages: OpenAI.Chat.ChatCompletionMessageParam[] = [
      { role: "system", content: "Use the tools." },
      { role: "user", content: ask.text },
    ];
    const tools: OpenAI.Chat.ChatCompletionTool[] = TOOLS.map((tool) => ({
      type: "function",
      function: { ...tool, parameters: { ...tool.parameters } },
    }));
    const rounds: string[][] = [];
    let [thoughts, text] = ["", ""];
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const effort = ask.isThinking ? { reasoning_effort: "medium" as const } : {};
      const body = { model: ask.model, messages, tools, ...effort };
      let chat: OpenAI.Chat.ChatCompletion;
      if (ask.isStream) {
        const stream = client.chat.completions.stream(body);
        // The SDK keeps only the last piece of members that it does not know.
        stream.on("chunk", (chunk) => void (thoughts += thoughtsOf(chunk.choices[0]?.delta)));
        chat = await stream.finalChatCompletion();
      } else {
        chat = await client.chat.completions.create(body);
        thoughts += thoughtsOf(chat.choices[0]?.message);
      }
      const message = chat.choices[0]?.message;
      if (message === undefined) break;
      const calls = message.tool_calls?.filter((call) => call.type === "function") ?? [];
      const said = message.content ?? "";
      if (text !== "") return { rounds, text, thoughts, after: said };
      messages.push(message);
      if (calls.length === 0) {
        text = said;
        messages.push({ role: "user", content: ask.followUp });
        continue;
      }
      rounds.push(calls.map((call) => {
        const args: unknown = JSON.parse(call.function.arguments);
        messages.push({ role: "tool", tool_call_id: call.id, content: runTool(call.function.name, args) });
        return toldCall(call.function.name, args);
      }));
    }
    return { rounds, text, thoughts, after: "" };
  },
  async leave(ask) {
    const stream = await clientOf(ask).chat.completions.create({ ...bodyOf(ask), stream: true });
    for await (const chunk of stream) if ((chunk.choices[0]?.delta.content ?? "") !== "") break;
  },
};

function clientOf({ url }: MatrixAsk): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: CLIENT_KEY, maxRetries: 0 });
}

function bodyOf({ model, text }: MatrixAsk): Body {
  return { model, messages: [{ role: "user", content: text }] };
}

async function answer(ask: MatrixAsk, body: Body): Promise<Said> {
  const chat = await clientOf(ask).chat.completions.create(body);
  const choice = chat.choices[0];
  return {
    text: choice?.message.content ?? "",
    finish: choice?.finish_reason ?? "",
    usage: usageOf(chat.usage),
    pieces: 1,
    thoughts: thoughtsOf(choice?.message),
  };
}

async function streamed(ask: MatrixAsk, body: Body): Promise<Said> {
  const stream = await clientOf(ask).chat.completions.create({
    ...body,
    stream: true,
    stream_options: { include_usage: true },
  });
  let [text, finish, thoughts, pieces] = ["", "", "", 0];
  let usage = usageOf(undefined);
  for await (const chunk of stream) {
    const choice = chunk.choices[0];
    const piece = choice?.delta.content ?? "";
    if (piece !== "") pieces++;
    text += piece;
    thoughts += thoughtsOf(choice?.delta);
    finish = choice?.finish_reason ?? finish;
    if (chunk.usage !== null && chunk.usage !== undefined) usage = usageOf(chunk.usage);
  }
  return { text, finish, usage, pieces, thoughts };
}

/** DeepSeek's name for them: OpenAI's own models do not show their thoughts in this protocol. */
function thoughtsOf(message: unknown): string {
  const told = at(message, "reasoning_content");
  return typeof told === "string" ? told : "";
}

function usageOf(usage: OpenAI.CompletionUsage | undefined): SaidUsage {
  return {
    inputTokens: usage?.prompt_tokens ?? -1,
    outputTokens: usage?.completion_tokens ?? -1,
    cachedTokens: usage?.prompt_tokens_details?.cached_tokens ?? 0,
    reasoningTokens: usage?.completion_tokens_details?.reasoning_tokens ?? 0,
  };
}
