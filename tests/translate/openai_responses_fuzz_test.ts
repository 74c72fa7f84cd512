import assert from "node:assert/strict";
import fc from "fast-check";
import { APIError, OpenAIError } from "openai";
import type { SpokenDialect } from "../../src/translate/translations.ts";
import { callerSideOf, upstreamSideOf } from "../../src/translate/translations.ts";
import { chatStreams } from "./answers.ts";
import { FUZZ_STREAMS, readAll, splitBytes } from "./fuzz.ts";
import { mutatedStream, randomOf } from "./mutate.ts";
import { clientOf, NOT_IN_RESPONSES, sent, TOLD, written } from "./openai_responses_support.ts";

const UPSTREAMS: readonly (readonly [SpokenDialect, "openai_chat" | "anthropic" | "gemini"])[] = [
  ["openai", "openai_chat"],
  ["anthropic", "anthropic"],
  ["gemini", "gemini"],
];

/** Of so many written streams one is put together by OpenAI's client, which takes milliseconds. */
const CLIENT_EACH = 100;

Deno.test("ResponsesStreamWriter.write() gives a true stream for whatever is read from broken upstream streams", async () => {
  const answers = fc.sample(chatStreams({ without: [...NOT_IN_RESPONSES, "assistantImage"] }), {
    numRuns: 40,
    seed: 7,
  });
  for (const [dialect, protocol] of UPSTREAMS) {
    const streams = answers.map(({ events }) => {
      const writer = callerSideOf(protocol).openStream({ ...TOLD, mustTellUsage: true });
      return events.map((event) => writer.write(event)).join("");
    });
    let ends = 0;
    for (let seed = 1; seed <= FUZZ_STREAMS / UPSTREAMS.length; seed++) {
      const bytes = mutatedStream(streams[seed % streams.length] ?? "", seed);
      const events = readAll(upstreamSideOf(dialect).openStream(), splitBytes(bytes, randomOf(seed)));

      const text = written(events);

      const where = `${dialect}, seed ${seed}`;
      const told = sent(text);
      assert.deepEqual(
        told.map(({ sequence_number }) => sequence_number),
        told.map((_, index) => index),
        where,
      );
      const terminal = told.filter(({ type }) =>
        /^response\.(?:completed|incomplete|failed)$/.test(String(type))
      );
      const last = events.at(-1)?.kind;
      assert.equal(terminal.length, last === "end" || last === "error" ? 1 : 0, where);
      if (last === "error") assert.equal(terminal[0]?.["type"], "response.failed", where);
      ends += last === "end" ? 1 : 0;
      if (seed % CLIENT_EACH === 0) await putTogether(text, last, where);
    }
    assert.ok(ends > 100, `${dialect}: only ${ends} streams came to their end`);
  }
});

/** OpenAI's client takes an ended stream without a complaint about its shape, and throws for a failed one. */
async function putTogether(text: string, last: string | undefined, where: string): Promise<void> {
  const client = clientOf(text, "text/event-stream");
  try {
    const response = await client.responses.stream({ model: "m", input: "x" }).finalResponse();
    if (last !== "end") assert.notEqual(response.status, "completed", where);
  } catch (error) {
    assert.ok(error instanceof OpenAIError, `${where}: ${error}`);
    // A provider's failure is told as one; anything else would be a stream of a wrong shape.
    if (last === "end") assert.ok(error instanceof APIError, `${where}: ${error}`);
  }
}
