import type { Bytes } from "../core/http.ts";
import { renderAnswerHead } from "./answer_head.ts";

const encoder = new TextEncoder();

/** What is answered where no dialect is known yet; the connection ends with it. */
export function refusalOf(
  status: number,
  code: string,
  message: string,
  nowMs: number,
): { head: string; body: Bytes } {
  const body = encoder.encode(JSON.stringify({ error: { code, message } }));
  const head = renderAnswerHead(status, HEADERS, body.length, "close", nowMs);
  return { head, body };
}

const HEADERS = [["content-type", "application/json"], ["x-content-type-options", "nosniff"]] as const;
