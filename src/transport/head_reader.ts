import { type AnswerHead, checkPartialHead, findHeadEnd, parseHead } from "./answer_head.ts";
import { BadAnswer } from "./bad_answer.ts";
import type { Connection } from "./connection.ts";

const MAX_INTERIM_ANSWERS = 16;

/** Finds the head of the final answer in what a connection brings, and passes over interim ones (1xx). */
export class HeadReader {
  /** Whether not one byte of an answer has come. */
  isUntouched = true;
  /** Whether no answer has begun since the last interim one. */
  isWaiting = true;
  #interimAnswers = 0;
  /** How many bytes of the unfinished head were searched for its end. */
  #scannedBytes = 0;

  /**
   * Consumes heads up to and with the final one, or gives `undefined` when more must come.
   * @throws BadAnswer
   */
  read(connection: Connection): AnswerHead | undefined {
    this.isUntouched = false;
    for (;;) {
      const { buffer, start, end } = connection;
      const headEnd = findHeadEnd(buffer, start + this.#scannedBytes, end);
      if (headEnd === -1) {
        checkPartialHead(buffer, start, end);
        this.isWaiting = start === end;
        // The last three bytes may belong to an end that is not whole yet.
        this.#scannedBytes = Math.max(0, end - start - 3);
        return undefined;
      }
      this.#scannedBytes = 0;
      const head = parseHead(buffer, start, headEnd);
      connection.start = headEnd;
      if (head.status >= 200) return head;
      if (head.status === 101) throw new BadAnswer("switched protocols unasked");
      if (head.framing !== "close") throw new BadAnswer("interim answer with a body");
      if (++this.#interimAnswers > MAX_INTERIM_ANSWERS) throw new BadAnswer("too many interim answers");
    }
  }
}
