import type { Header } from "../core/http.ts";
import type { Answer } from "./answer.ts";
import { addNotes } from "./headers.ts";
import type { ProxiedRequest } from "./proxied_request.ts";

const encoder = new TextEncoder();

/** An answer that nobody had to be asked for; the request is over with it. */
export function answerJson(request: ProxiedRequest, json: unknown, more: readonly Header[] = []): Answer {
  const headers: [string, string][] = [["content-type", "application/json"]];
  for (const [name, value] of more) headers.push([name, value]);
  request.begin();
  addNotes(headers, request.notes());
  request.finish(200, "succeeded");
  return { status: 200, headers, body: encoder.encode(JSON.stringify(json)) };
}
