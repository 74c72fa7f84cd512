import { parseJson } from "../core/json.ts";
import type { RequestRecord } from "../core/request_record.ts";
import { SseSplitter } from "../core/sse.ts";
import type { PlaygroundDeps } from "./playground_deps.ts";
import { type PlaygroundForm, requestOf } from "./playground_form.ts";
import { errorOf, wordsOf } from "./playground_text.ts";

/** How a request that was sent by hand came back. */
export interface PlaygroundRun {
  readonly status: number;
  readonly said: string;
  readonly thought: string;
  /** What went wrong, in the words of the answer; "" when nothing did. */
  readonly error: string;
  readonly record: RequestRecord;
}

/** More of an answer than this is not read: it is a try. */
const MAX_CHARS = 200_000;

/**
 * Sends what the form asks and reads the answer to its end; `onWords` hears its words as they come. The answer's form
 * is that of the protocol that was asked in, whoever has served it.
 */
export async function runPlayground(
  { playground }: Pick<PlaygroundDeps, "playground">,
  form: PlaygroundForm,
  signal: AbortSignal,
  onWords: (said: string, thought: string) => void = () => {},
): Promise<PlaygroundRun> {
  const { response, record } = await playground.send({
    ...requestOf(form),
    ...(form.providerKey !== undefined && { keyId: form.providerKey }),
    signal,
  });
  const isStream = (response.headers.get("content-type") ?? "").includes("text/event-stream");
  const read = isStream
    ? await readStream(response, form.dialect, onWords)
    : readWhole(await response.text(), form.dialect);
  return { status: response.status, ...read, record: await record };
}

type Read = Pick<PlaygroundRun, "said" | "thought" | "error">;

function readWhole(text: string, dialect: string): Read {
  const json = parseJson(text);
  return { ...wordsOf(dialect, json), error: errorOf(json) };
}

async function readStream(
  response: Response,
  dialect: string,
  onWords: (said: string, thought: string) => void,
): Promise<Read> {
  const splitter = new SseSplitter();
  let said = "";
  let thought = "";
  let error = "";
  for await (const chunk of response.body ?? []) {
    let newSaid = "";
    let newThought = "";
    for (const { data } of splitter.push(chunk)) {
      const json = parseJson(data);
      const words = wordsOf(dialect, json);
      newSaid += words.said;
      newThought += words.thought;
      error ||= errorOf(json);
    }
    said += newSaid;
    thought += newThought;
    if (newSaid !== "" || newThought !== "") onWords(newSaid, newThought);
    // Leaving the loop cancels the stream, and so the request.
    if (said.length + thought.length > MAX_CHARS) break;
  }
  return { said, thought, error };
}
