import { GEMINI_CALLER } from "../../src/translate/gemini_caller.ts";
import { GEMINI_UPSTREAM } from "../../src/translate/gemini_upstream.ts";
import { Losses } from "../../src/translate/losses.ts";
import { answerTold, streamed, told } from "./gemini_support.ts";

const CHUNK = {
  name: "",
  data: JSON.stringify({
    ...Object(streamed([{ text: "Some words of an answer, " }])),
    usageMetadata: {
      promptTokenCount: 15,
      candidatesTokenCount: 8,
      totalTokenCount: 75,
      promptTokensDetails: [{ modality: "TEXT", tokenCount: 15 }],
      thoughtsTokenCount: 52,
    },
  }),
};
const reader = GEMINI_UPSTREAM.openStream();
const writer = GEMINI_CALLER.openStream(answerTold());

Deno.bench("Gemini: a streamed chunk, read and written", () => {
  for (const event of reader.read(CHUNK)) writer.write(event);
});

const IMAGE = { inlineData: { mimeType: "image/png", data: "A".repeat(300_000) } };
const MANY = {
  contents: Array.from({ length: 2_000 }, (_, at) => ({
    role: at % 2 === 0 ? "user" : "model",
    parts: [{ text: "word ".repeat(60) }, ...(at % 1_000 === 0 ? [IMAGE] : [])],
  })),
};
const CALLS = {
  contents: Array.from({ length: 4_000 }, (_, at) =>
    at % 2 === 0
      ? {
        role: "model",
        parts: [{ functionCall: { id: `c${at}`, name: "f", args: { query: "word ".repeat(30) } } }],
      }
      : {
        role: "user",
        parts: [{ functionResponse: { id: `c${at - 1}`, name: "f", response: { a: "word ".repeat(30) } } }],
      }),
};

for (const [name, body] of [["2,000 messages and two images", MANY], ["2,000 tool calls", CALLS]] as const) {
  Deno.bench(`Gemini: a request of 1 MB, ${name}, read and written`, () => {
    const losses = new Losses();
    const request = GEMINI_CALLER.readRequest(body, { model: "gemini-2.5-flash", isStream: true }, losses);
    GEMINI_UPSTREAM.writeRequest(request, told(losses));
  });
}
