import type { RequestRecord } from "../core/request_record.ts";
import type { LatencyMinute, UsageMinute } from "../core/usage.ts";
import type { Log } from "../log.ts";
import { LOG_QUEUE_BOUNDS, LogQueue, type LogQueueBounds } from "./log_queue.ts";
import { ModelNames } from "./model_names.ts";
import { UsageFold } from "./usage_fold.ts";

/** Where records go. Each call is one transaction: all of it is written, or none. */
export interface UsageSink {
  addUsage(batch: UsagePiece): Promise<void>;
  addRequests(requests: readonly RequestRecord[]): Promise<void>;
}

/** Counts that are written together. */
export interface UsagePiece {
  readonly usage: readonly UsageMinute[];
  readonly latencies: readonly LatencyMinute[];
}

export interface RecorderOptions {
  readonly periodMs?: number;
  readonly logBounds?: LogQueueBounds;
  /** Hears each count once, whether it can be written or not. */
  readonly observe?: (piece: UsagePiece) => void;
}

/** How the recorder stands. */
export interface RecorderState {
  /** Rows of counts that are not written yet. */
  readonly waitingCounts: number;
  readonly waitingRequests: number;
  /** Requests that were counted, but not logged, because there were too many. */
  readonly droppedRequests: number;
  readonly failedFlushes: number;
  /** How long the longest write took, in milliseconds. A local one holds the program, a remote one does not. */
  readonly longestWriteMs: number;
}

/**
 * Folds records in memory and writes them in batches: `record` is some look-ups, and a request never waits for the
 * database. What a flush cannot write it keeps for the next one. Counts are never dropped; rows of the request log are
 * when there are too many, and are then counted as dropped.
 */
export class UsageRecorder {
  readonly #sink: UsageSink;
  readonly #log: Log;
  readonly #periodMs: number;
  readonly #observe: (piece: UsagePiece) => void;
  readonly #models = new ModelNames();
  readonly #queue: LogQueue;
  #fold = new UsageFold();
  /** What could not be written. */
  #returned = new UsageFold();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #flushing: Promise<void> = Promise.resolve();
  #failedFlushes = 0;
  #longestWriteMs = 0;

  constructor(sink: UsageSink, log: Log, options: RecorderOptions = {}) {
    const { periodMs = 500, logBounds = LOG_QUEUE_BOUNDS, observe = () => {} } = options;
    this.#sink = sink;
    this.#log = log;
    this.#periodMs = periodMs;
    this.#queue = new LogQueue(logBounds);
    this.#observe = observe;
  }

  record(request: RequestRecord): void {
    this.#fold.add(request, this.#models.countedAs(request.model ?? "", request.outcome === "succeeded"));
    this.#queue.add(request);
    this.#timer ??= setTimeout(() => void this.flush(), this.#periodMs);
  }

  state(): RecorderState {
    return {
      waitingCounts: this.#fold.size + this.#returned.size,
      waitingRequests: this.#queue.size,
      droppedRequests: this.#queue.dropped,
      failedFlushes: this.#failedFlushes,
      longestWriteMs: this.#longestWriteMs,
    };
  }

  /** Writes what was folded so far; resolves when it is written or kept for the next try. */
  flush(): Promise<void> {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushing = this.#flushing.then(() => this.#flushOnce());
    return this.#flushing;
  }

  /** Writes what is left, once more if the first try fails, and stops. */
  async close(): Promise<void> {
    await this.flush();
    if (this.#returned.size + this.#queue.size > 0) await this.flush();
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    const { waitingCounts, waitingRequests } = this.state();
    if (waitingCounts + waitingRequests > 0) {
      this.#log.error("usage.lost", { waitingCounts, waitingRequests });
    }
  }

  async #flushOnce(): Promise<void> {
    const returned = this.#returned;
    const fold = this.#fold;
    this.#returned = new UsageFold();
    this.#fold = new UsageFold();
    const pieces = [...piecesOf(returned), ...observed(piecesOf(fold), this.#observe)];
    let written = 0;
    try {
      for (const piece of pieces) {
        await this.#timed(() => this.#sink.addUsage(piece));
        written++;
      }
    } catch (error) {
      // Top of a background loop: the counts go back, and the next flush tries again.
      this.#noteFailure(error, { counts: pieces.length - written });
      for (const { usage, latencies } of pieces.slice(written)) this.#returned.merge(usage, latencies);
    }
    await this.#flushLog();
  }

  async #flushLog(): Promise<void> {
    const requests = this.#queue.take();
    let written = 0;
    try {
      while (written < requests.length) {
        const piece = requests.slice(written, written + LOG_PIECE_ROWS);
        await this.#timed(() => this.#sink.addRequests(piece));
        written += piece.length;
      }
    } catch (error) {
      // The same for the rows of the log.
      this.#noteFailure(error, { requests: requests.length - written });
      this.#queue.giveBack(requests.slice(written));
    }
  }

  async #timed(write: () => Promise<void>): Promise<void> {
    const startedMs = performance.now();
    await write();
    this.#longestWriteMs = Math.max(this.#longestWriteMs, performance.now() - startedMs);
    await nextTurn();
  }

  #noteFailure(error: unknown, left: Readonly<Record<string, number>>): void {
    this.#failedFlushes++;
    this.#log.error("usage.flush_failed", { error, ...left });
    this.#timer ??= setTimeout(() => void this.flush(), this.#periodMs);
  }
}

/** So much is written in about a millisecond. */
const PIECE_ROWS = 32;
const LOG_PIECE_ROWS = 32;

function piecesOf(fold: UsageFold): UsagePiece[] {
  const usage = fold.usage();
  const latencies = fold.latencies();
  const pieces: UsagePiece[] = [];
  for (let start = 0; start < Math.max(usage.length, latencies.length); start += PIECE_ROWS) {
    const end = start + PIECE_ROWS;
    pieces.push({ usage: usage.slice(start, end), latencies: latencies.slice(start, end) });
  }
  return pieces;
}

function observed(
  pieces: readonly UsagePiece[],
  observe: (piece: UsagePiece) => void,
): readonly UsagePiece[] {
  for (const piece of pieces) observe(piece);
  return pieces;
}

/** Lets requests in flight have their turn between two writes. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
