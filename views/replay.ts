import type { RequestShown } from "./request_shown.ts";

/**
 * A request like the one that was logged, as a line for a terminal. The caller's own words and secrets are not known:
 * a prompt stands for the words, `$KEYTURN_KEY` for the client key.
 */
export function replayLine(
  origin: string,
  { dialect, model, group, isStream }: Pick<RequestShown, "dialect" | "model" | "group" | "isStream">,
  prompt: string,
): string {
  const base = group === null ? origin : `${origin}/llm/${group}`;
  const named = model ?? "MODEL";
  const post = (path: string, body: unknown, headers: readonly string[] = []) =>
    [
      "curl",
      quoted(base + path),
      `-H "Authorization: Bearer $KEYTURN_KEY"`,
      ...headers.map((header) => `-H '${header}'`),
      "-H 'Content-Type: application/json'",
      `-d ${quoted(JSON.stringify(body))}`,
    ].join(" ");
  const messages = [{ role: "user", content: prompt }];
  const streamed = isStream ? { stream: true } : {};
  switch (dialect) {
    case "anthropic":
      return post("/v1/messages", { model: named, max_tokens: 1024, messages, ...streamed }, [
        "anthropic-version: 2023-06-01",
      ]);
    case "gemini": {
      const method = isStream ? "streamGenerateContent?alt=sse" : "generateContent";
      return post(`/v1beta/models/${encodeURIComponent(named)}:${method}`, {
        contents: [{ role: "user", parts: [{ text: prompt }] }],
      });
    }
    case "rest":
      return `curl ${quoted(`${origin}/proxy/PROVIDER/PATH`)} -H "X-Proxy-Key: $KEYTURN_KEY"`;
    default:
      return post("/v1/chat/completions", { model: named, messages, ...streamed });
  }
}

/** For a POSIX shell: inside single quotes nothing has a meaning but the quote itself. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
