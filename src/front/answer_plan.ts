import { type BodySource, type Bytes, EMPTY_BODY, isBytes } from "../core/http.ts";
import type { Answer } from "../proxy/answer.ts";
import { type AnswerFraming, type ConnectionWord, renderAnswerHead } from "./answer_head.ts";
import type { FrontRequest } from "./front_request.ts";

/** How an answer goes out, and what becomes of its connection. */
export interface AnswerPlan {
  readonly head: string;
  /** Goes out with the head, when there is no source. */
  readonly bytes: Bytes;
  readonly source: BodySource | undefined;
  readonly isChunked: boolean;
  /** Whether another request may follow. */
  readonly isKept: boolean;
}

/**
 * Decides the framing of an answer by RFC 9112, 6.3. A body that must not go out (HEAD, 204, 304) is given up.
 * @throws TypeError for an answer that cannot be written; its body is given up, too.
 */
export function planAnswer(
  request: FrontRequest,
  answer: Answer,
  isStopping: boolean,
  nowMs: number,
): AnswerPlan {
  const { status, body } = answer;
  const isBare = request.method === "HEAD" || status === 204 || status === 304;
  const source = body === undefined || isBytes(body) || isBare ? undefined : body;
  const bytes = body !== undefined && isBytes(body) && !isBare ? body : EMPTY_BODY;
  // HTTP/1.0 knows no chunked coding: there the connection's end is the body's.
  const endsByClose = source !== undefined && request.isOld;
  const isKept = !isStopping && !endsByClose && mayKeep(request);
  let framing: AnswerFraming = isBare ? "none" : bytes.length;
  if (source !== undefined) framing = endsByClose ? "close" : "chunked";
  if (isBare) giveUp(answer);
  try {
    const head = renderAnswerHead(status, answer.headers, framing, wordFor(request, isKept), nowMs);
    return { head, bytes, source, isChunked: framing === "chunked", isKept };
  } catch (error) {
    giveUp(answer);
    throw error;
  }
}

/** Whoever feeds the body of an answer that nobody gets is told so. */
export function giveUp({ body }: Answer): void {
  if (body !== undefined && !isBytes(body)) body.cancel();
}

function mayKeep({ isKeepAlive, pulled }: FrontRequest): boolean {
  if (!isKeepAlive) return false;
  // Whoever still waits for its 100 may send its body, or not: what comes next has two meanings.
  return pulled === undefined || pulled.isDone || !(pulled.isHeldBack || pulled.hasFailed);
}

function wordFor(request: FrontRequest, isKept: boolean): ConnectionWord {
  if (!isKept) return "close";
  return request.isOld ? "keep-alive" : "silent";
}
