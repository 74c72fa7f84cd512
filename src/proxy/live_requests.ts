import type { RunningRequest, RunningRequests } from "../core/running_request.ts";
import { Seats } from "../core/seats.ts";
import type { ProxiedRequest } from "./proxied_request.ts";

/**
 * The requests that are under way, for people to look at. A request joins when it has taken 200 ms (when the ticker
 * calls on it anyway), so that one which is answered before costs nothing; it leaves when it is over. What is shown of
 * it is read from it when somebody looks.
 */
export class LiveRequests implements RunningRequests {
  readonly #seats = new Seats<ProxiedRequest>();

  get count(): number {
    return this.#seats.size;
  }

  /** Gives its seat, for `leave`. */
  join(request: ProxiedRequest): number {
    return this.#seats.take(request);
  }

  leave(seat: number): void {
    this.#seats.leave(seat);
  }

  list(limit: number): readonly RunningRequest[] {
    const running: ProxiedRequest[] = [];
    // Whoever is gone or was cancelled only waits for the upstream to let go.
    this.#seats.forEach((request) => {
      if (!request.isGone) running.push(request);
    });
    return running.sort((one, other) => one.startedMs - other.startedMs).slice(0, limit).map(shownOf);
  }

  cancel(id: string): boolean {
    let found: ProxiedRequest | undefined;
    this.#seats.forEach((request) => {
      if (request.id === id) found = request;
    });
    return found?.cancel() === true;
  }
}

function shownOf(request: ProxiedRequest): RunningRequest {
  const { id, startedMs, dialect, model, clientKey, provider, leasedKey, begunAttempts, attempts } = request;
  return {
    id,
    startedMs,
    dialect,
    model: model ?? null,
    clientKeyId: clientKey?.id ?? null,
    clientKeyName: clientKey?.name ?? null,
    provider: provider ?? null,
    providerKeyId: leasedKey?.id ?? null,
    lastFour: leasedKey?.lastFour ?? null,
    attempt: begunAttempts,
    state: request.isAnswering ? "answering" : begunAttempts > attempts.length ? "asking" : "waiting",
  };
}
