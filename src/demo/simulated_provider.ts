import type { Header } from "../core/http.ts";
import type { KeyCounts, ProviderCounts } from "./simulated_counts.ts";
import type { KeyBehaviour, SimulatedKey } from "./simulated_key.ts";
import type { Outage } from "./simulated_outage.ts";
import { SimulatedServer } from "./simulated_server.ts";

/** Starts a provider that answers as the real one does, on a loopback port of its own. Close it. */
export function startSimulatedProvider(options: SimulatedProviderOptions): SimulatedProvider {
  return new SimulatedServer(options);
}

export interface SimulatedProviderOptions {
  readonly dialect: "openai" | "anthropic" | "gemini";
  readonly keys: readonly SimulatedKey[];
  /** Milliseconds since the epoch; limits are counted by this clock. Pauses are real time. */
  readonly now?: () => number;
  /** Models it offers; by default a few of the real provider's. */
  readonly models?: readonly string[];
  readonly outage?: Outage;
  /** Of each `every` requests the last `length` meet the outage. */
  readonly bursts?: { readonly every: number; readonly length: number; readonly outage: Outage };
  /** Milliseconds before each event of a stream; 0 by default. */
  readonly chunkDelayMs?: number;
  /** Cuts streams into writes of so many bytes, in the middle of characters too. */
  readonly bytesPerWrite?: number;
  /** How many requests `log` keeps: 1,000 by default. */
  readonly logSize?: number;
}

/** A provider on a loopback port. */
export interface SimulatedProvider {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** What an operator enters as base URL: the origin, for OpenAI with `/v1`. */
  readonly baseUrl: string;
  readonly models: readonly string[];
  /** By secret, for the keys that this provider knows. */
  readonly served: ReadonlyMap<string, Readonly<KeyCounts>>;
  readonly totals: Readonly<ProviderCounts>;
  /** The last requests, oldest first. */
  readonly log: readonly ReceivedRequest[];
  /** Changes a key, or adds one. A limit begins anew; counts go on. */
  setKey(secret: string, behaviour: KeyBehaviour): void;
  /** Strikes all requests that come from now on, until it is set again. */
  setOutage(outage: Outage | undefined): void;
  /** Breaks off what is open and waits until nothing is left. */
  close(): Promise<void>;
}

export interface ReceivedRequest {
  readonly number: number;
  readonly method: string;
  /** As it came, without the query. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  /** Names in lower case. */
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
  readonly atMs: number;
}
