import assert from "node:assert/strict";
import { ONE_PIXEL_PNG } from "../../../src/demo/simulated_openai_other.ts";
import type { SimulatedProvider } from "../../../src/demo/simulated_provider.ts";
import { type KeyturnUnderTest, until } from "../../support/keyturn_under_test.ts";
import type { Loop, MatrixAsk, MatrixClient, SaidUsage } from "./client.ts";
import { ASK_TOOLS, ROUNDS, SAID_OF_TOOLS } from "./tools.ts";

export interface Cell {
  readonly client: MatrixClient;
  readonly provider: SimulatedProvider;
  readonly keyturn: KeyturnUnderTest;
  /** A model of the provider for what needs none in particular, and one that thinks and calls tools. */
  readonly plainModel: string;
  readonly thinkingModel: string;
  /** A model that thinks too, but is asked for it in another way or does not show it. */
  readonly otherModel: string;
}

/** What every client must be able to do with every provider. */
export const FEATURES: Readonly<Record<string, (cell: Cell) => Promise<unknown>>> = {
  chat: answersChat,
  "limit of tokens": stopsAtLimit,
  "filtered answer": isFiltered,
  stream: streamsChat,
  "broken stream": breaks,
  tools: (cell) => callsTools(cell, false, false),
  "streamed tools": (cell) => callsTools(cell, true, false),
  "tools with thinking": (cell) => callsTools(cell, false, true),
  "streamed tools with thinking": (cell) => callsTools(cell, true, true),
  "tools with another model": (cell) => callsToolsOf(cell, cell.otherModel),
  image: seesImage,
  "structured output": shapesOutput,
  thinking: (cell) => thinks(cell, false),
  "streamed thinking": (cell) => thinks(cell, true),
  abort: leaves,
  usage: tellsUsage,
};

/** The words of the protocols for an answer that came to its natural end. */
const ENDED = ["stop", "completed", "end_turn", "STOP"];
const PNG_BYTES = atob(ONE_PIXEL_PNG).length;

async function answersChat(cell: Cell): Promise<void> {
  const said = await cell.client.chat(askOf(cell, "one two three"));

  assert.equal(said.text, "one two three");
  assert.ok(ENDED.includes(said.finish), `it ended by ${said.finish}`);
}

async function stopsAtLimit(cell: Cell): Promise<void> {
  const said = await cell.client.cut(askOf(cell, "say 50 words"), 20);

  assert.equal(said.text.split(" ").length, 20);
  assert.ok(["length", "max_tokens", "MAX_TOKENS", "incomplete"].includes(said.finish), `by ${said.finish}`);
}

async function isFiltered(cell: Cell): Promise<void> {
  const said = await cell.client.chat(askOf(cell, "be filtered"));

  const filtered = ["content_filter", "refusal", "SAFETY", "incomplete", "content-filter"];
  assert.ok(filtered.includes(said.finish), `it ended by ${said.finish}`);
}

/** A stream that breaks must never look like one that came to its end. */
async function breaks(cell: Cell): Promise<void> {
  const ends: string[] = [];
  for (const kind of ["stream_error_midway", "cut_stream"] as const) {
    cell.provider.setOutage({ kind, afterEvents: 8 });
    ends.push(
      await cell.client.stream(askOf(cell, "say 30 words")).then(({ finish }) => finish, () => "raised"),
    );
  }

  assert.equal(cell.provider.totals.requests, 2);
  for (const end of ends) assert.ok(["raised", "error"].includes(end), `it ended by ${end}`);
}

async function streamsChat(cell: Cell): Promise<void> {
  const said = await cell.client.stream(askOf(cell, "say 30 words"));

  assert.equal(said.text.split(" ").length, 30);
  assert.equal(said.text.slice(0, 17), "word1 word2 word3");
  assert.ok(said.pieces > 5, `the text came in ${said.pieces} pieces`);
  assert.ok(ENDED.includes(said.finish), `it ended by ${said.finish}`);
}

async function callsTools(cell: Cell, isStream: boolean, isThinking: boolean): Promise<void> {
  const { thoughts } = await callsToolsOf(cell, cell.thinkingModel, isStream, isThinking);

  if (isThinking && cell.client.showsThoughts) assert.match(thoughts, /The user wants: Look at get_forecast/);
}

async function callsToolsOf(cell: Cell, model: string, isStream = true, isThinking = true): Promise<Loop> {
  const ask = askOf(cell, ASK_TOOLS, model);

  const loop = await cell.client.loop({ ...ask, isStream, isThinking, followUp: "say 3 words" });

  assert.deepEqual(loop.rounds, ROUNDS);
  assert.match(loop.text, SAID_OF_TOOLS);
  assert.equal(loop.after, "word1 word2 word3");
  assert.equal(cell.provider.totals.rejected, 0);
  return loop;
}

async function seesImage(cell: Cell): Promise<void> {
  const said = await cell.client.see({
    ...askOf(cell, "look"),
    mediaType: "image/png",
    base64: ONE_PIXEL_PNG,
  });

  assert.equal(said.text, `Saw image/png of ${PNG_BYTES} bytes. look`);
}

const SCHEMA = {
  type: "object",
  properties: {
    name: { type: "string" },
    age: { type: "integer" },
    tags: { type: "array", items: { type: "string" } },
    address: {
      type: "object",
      properties: { city: { type: "string" } },
      required: ["city"],
      additionalProperties: false,
    },
  },
  required: ["name", "age", "tags", "address"],
  additionalProperties: false,
} as const;

async function shapesOutput(cell: Cell): Promise<void> {
  const shape = await cell.client.shape({ ...askOf(cell, "name=Ada age=36 city=London"), schema: SCHEMA });

  assert.deepEqual(shape, { name: "Ada", age: 36, tags: ["tags"], address: { city: "London" } });
}

async function thinks(cell: Cell, isStream: boolean): Promise<void> {
  const said = await cell.client.think(askOf(cell, "ponder this", cell.thinkingModel), isStream);

  assert.equal(said.text, "ponder this");
  if (cell.client.showsThoughts) assert.equal(said.thoughts, "The user wants: ponder this");
  assert.equal(said.usage.outputTokens, 7, "thoughts are counted too");
  assert.ok(
    [5, undefined].includes(said.usage.reasoningTokens),
    `${said.usage.reasoningTokens} tokens of thought`,
  );
}

async function leaves(cell: Cell): Promise<void> {
  await cell.client.leave(askOf(cell, "say 5000 words"));

  await until(() => cell.provider.totals.abandoned === 1);
  assert.equal(cell.provider.totals.requests, 1);
}

async function tellsUsage(cell: Cell): Promise<void> {
  const ask = askOf(cell, "use 5 cached tokens and 7 reasoning tokens to say 20 words");

  const plain = await cell.client.chat(ask);
  const { inputTokens, outputTokens } = cell.provider.totals;
  const streamed = await cell.client.stream(ask);
  const { totals } = cell.provider;
  await cell.keyturn.stop();
  const [recorded] = await cell.keyturn.usage();

  const expected = { inputTokens, outputTokens, cachedTokens: 5 };
  assert.deepEqual(counted(plain.usage), expected);
  assert.deepEqual(counted(streamed.usage), expected);
  assert.deepEqual([totals.inputTokens, totals.outputTokens], [2 * inputTokens, 2 * outputTokens]);
  assert.equal(recorded?.inputTokens, totals.inputTokens);
  assert.equal(recorded?.outputTokens, totals.outputTokens);
  assert.equal(recorded?.cachedTokens, 10);
}

function counted({ inputTokens, outputTokens, cachedTokens }: SaidUsage) {
  return { inputTokens, outputTokens, cachedTokens };
}

function askOf({ keyturn, plainModel }: Cell, text: string, model = plainModel): MatrixAsk {
  return { url: keyturn.url, model, text };
}
