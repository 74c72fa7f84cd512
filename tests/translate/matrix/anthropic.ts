import Anthropic from "@anthropic-ai/sdk";
import { CLIENT_KEY } from "../../support/keyturn_under_test.ts";
import type { MatrixAsk, MatrixClient, Said } from "./client.ts";
import { MAX_ROUNDS, runTool, toldCall, TOOLS } from "./tools.ts";

type Body = Anthropic.MessageCreateParamsNonStreaming;
const THINKING = { thinking: { type: "enabled", budget_tokens: 1024 } } satisfies Partial<Body>;

/** The `@anthropic-ai/sdk` package. */
export const anthropicMessages: MatrixClient = {
  name: "anthropic",
  showsThoughts: true,
  chat: (ask) => answer(ask, bodyOf(ask)),
  cut: (ask, maxTokens) => answer(ask, { ...bodyOf(ask), max_tokens: maxTokens }),
  stream: (ask) => streamed(ask, bodyOf(ask)),
  see: (ask) =>
    answer(ask, {
      ...bodyOf(ask),
      messages: [{
        role: "user",
        content: [
          { type: "image", source: { type: "base64", media_type: ask.mediaType, data: ask.base64 } },
          { type: "text", text: ask.text },
        ],
      }],
    }),
  async shape(ask) {
    const format = { type: "json_schema" as const, schema: { ...ask.schema } };
    return JSON.parse((await answer(ask, { ...bodyOf(ask), output_config: { format } })).text);
  },
  think(ask, isStream) {
    const body = { ...bodyOf(ask), ...THINKING };
    return isStream ? streamed(ask, body) : answer(ask, body);
  },
  async loop(ask) {
    const client = clientOf(ask);
    const messages: Anthropic.MessageParam[] = [{ role: "user", content: ask.text }];
    const tools: Anthropic.Tool[] = TOOLS.map((tool) => ({
      name: tool.name,
      description: tool.description,
      input_schema: { ...tool.parameters },
    }));
    const rounds: string[][] = [];
    let [thoughts, text] = ["", ""];
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const body = {
        ...bodyOf(ask),
        system: "Use the tools.",
        messages,
        tools,
        ...(ask.isThinking ? THINKING : {}),
      };
      const message = ask.isStream
        ? await client.messages.stream(body).finalMessage()
        : await client.messages.create(body);
      thoughts += thoughtsOf(message);
      messages.push({ role: "assistant", content: message.content });
      const calls = message.content.flatMap((block) => block.type === "tool_use" ? [block] : []);
      if (text !== "") return { rounds, text, thoughts, after: textOf(message) };
      if (calls.length === 0) {
        text = textOf(message);
        messages.push({ role: "user", content: ask.followUp });
        continue;
      }
      messages.push({
        role: "user",
        content: calls.map((call) => ({
          type: "tool_result",
          tool_use_id: call.id,
          content: runTool(call.name, call.input),
        })),
      });
      rounds.push(calls.map((call) => toldCall(call.name, call.input)));
    }
    return { rounds, text, thoughts, after: "" };
  },
  async leave(ask) {
    const stream = await clientOf(ask).messages.create({ ...bodyOf(ask), stream: true });
    for await (const event of stream) if (event.type === "content_block_delta") break;
  },
};

function clientOf({ url }: MatrixAsk): Anthropic {
  return new Anthropic({ baseURL: url, apiKey: CLIENT_KEY, maxRetries: 0 });
}

function bodyOf({ model, text }: MatrixAsk): Body {
  return { model, max_tokens: 9000, messages: [{ role: "user", content: text }] };
}

async function answer(ask: MatrixAsk, body: Body): Promise<Said> {
  return saidBy(await clientOf(ask).messages.create(body), 1);
}

async function streamed(ask: MatrixAsk, body: Body): Promise<Said> {
  let pieces = 0;
  const stream = clientOf(ask).messages.stream(body);
  stream.on("text", () => void pieces++);
  return saidBy(await stream.finalMessage(), pieces);
}

function saidBy(message: Anthropic.Message, pieces: number): Said {
  const { usage } = message;
  const cached = usage.cache_read_input_tokens ?? 0;
  return {
    text: textOf(message),
    finish: message.stop_reason ?? "",
    usage: {
      inputTokens: usage.input_tokens + cached + (usage.cache_creation_input_tokens ?? 0),
      outputTokens: usage.output_tokens,
      cachedTokens: cached,
      reasoningTokens: usage.output_tokens_details?.thinking_tokens,
    },
    pieces,
    thoughts: thoughtsOf(message),
  };
}

function textOf(message: Anthropic.Message): string {
  return message.content.flatMap((block) => block.type === "text" ? [block.text] : []).join("");
}

function thoughtsOf(message: Anthropic.Message): string {
  return message.content.flatMap((block) => block.type === "thinking" ? [block.thinking] : []).join("");
}
