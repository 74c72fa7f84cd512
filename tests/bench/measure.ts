import { STREAM_EVENTS } from "./canned_answers.ts";
import { closedLoad, heldStreams, rateLoad } from "./load_generator.ts";
import type { Relay } from "./relays.ts";

const CONNECTIONS = 64;
const REQUESTS_PER_SECOND = 200;
const PACED_STREAMS = 100;
const HELD_STREAMS = 500;

/** What was measured of one relay, medians of all rounds; `undefined` for what was not measured. */
export interface Figures {
  readonly name: string;
  readonly requestsPerSecond: number;
  readonly loadedP99Ms: number;
  readonly cpuSecondsPer1000: number | undefined;
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly cpuMicrosPerChunk: number | undefined;
  readonly idleBytes: number | undefined;
  /** Of memory, for each of 500 open streams. */
  readonly bytesPerStream: number | undefined;
}

export interface MeasureOptions {
  readonly folder: string;
  readonly rounds: number;
  readonly seconds: number;
  /** Only requests a second and what they cost: for comparing two versions. */
  readonly isPlainOnly: boolean;
  readonly say: (line: string) => void;
}

type Sample = "rate" | "loadedP99" | "cpu" | "p50" | "p99" | "cpuChunk" | "idle" | "stream";

/** Measures all relays in turn, round by round, so that what else the machine does falls on all alike. */
export async function measure(relays: readonly Relay[], options: MeasureOptions): Promise<Figures[]> {
  const samples = new Map(relays.map(({ name }) => [name, new Map<Sample, number[]>()]));
  const note = ({ name }: Relay, sample: Sample, value: number) => {
    const known = samples.get(name);
    known?.set(sample, [...known.get(sample) ?? [], value]);
  };
  const { folder, rounds, seconds, say } = options;

  if (!options.isPlainOnly) {
    say(`memory, with ${HELD_STREAMS} open streams`);
    for (const relay of relays) await memoryRound(relay, note);
  }
  for (const { port } of relays) await closedLoad(port, "plain", CONNECTIONS, seconds, folder);
  for (let round = 0; round < rounds; round++) {
    say(`requests, round ${round + 1} of ${rounds}`);
    for (const relay of turned(relays, round)) await plainRound(relay, seconds, folder, note);
  }
  if (!options.isPlainOnly) {
    // An odd number, so that one bad moment of the machine does not count.
    const latencyRounds = rounds < 3 ? 1 : 3;
    for (let round = 0; round < latencyRounds; round++) {
      say(`latency and streams, round ${round + 1} of ${latencyRounds}`);
      for (const relay of turned(relays, round)) {
        const { p50Ms, p99Ms } = refuseFailures(
          relay,
          await rateLoad(relay.port, REQUESTS_PER_SECOND, seconds),
        );
        note(relay, "p50", p50Ms);
        note(relay, "p99", p99Ms);
        await streamRound(relay, seconds, folder, note);
      }
    }
  }
  return relays.map(({ name, process }) => {
    const of = (sample: Sample) => medianOf(samples.get(name)?.get(sample));
    const cpu = (sample: Sample) => process === undefined ? undefined : of(sample);
    return {
      name,
      requestsPerSecond: of("rate") ?? 0,
      loadedP99Ms: of("loadedP99") ?? 0,
      cpuSecondsPer1000: cpu("cpu"),
      p50Ms: of("p50"),
      p99Ms: of("p99"),
      cpuMicrosPerChunk: cpu("cpuChunk"),
      idleBytes: cpu("idle"),
      bytesPerStream: cpu("stream"),
    };
  });
}

type Note = (relay: Relay, sample: Sample, value: number) => void;

async function plainRound(relay: Relay, seconds: number, folder: string, note: Note): Promise<void> {
  const before = await relay.process?.cpuSeconds() ?? 0;
  const result = refuseFailures(relay, await closedLoad(relay.port, "plain", CONNECTIONS, seconds, folder));
  const used = await relay.process?.cpuSeconds() ?? 0;
  note(relay, "rate", result.requests / result.seconds);
  note(relay, "loadedP99", result.p99Ms);
  note(relay, "cpu", (used - before) * 1000 / result.requests);
}

async function streamRound(relay: Relay, seconds: number, folder: string, note: Note): Promise<void> {
  if (relay.process === undefined) return;
  const before = await relay.process.cpuSeconds();
  const paced = refuseFailures(
    relay,
    await closedLoad(relay.streamPort, "paced", PACED_STREAMS, 2 * seconds, folder),
  );
  const used = await relay.process.cpuSeconds() - before;
  // Streams that the end of the run cuts off have cost as well: on average half a stream a connection.
  const chunks = (paced.requests + PACED_STREAMS / 2) * STREAM_EVENTS;
  note(relay, "cpuChunk", used * 1e6 / chunks);
}

async function memoryRound(relay: Relay, note: Note): Promise<void> {
  if (relay.process === undefined) return;
  const before = await relay.process.residentBytes();
  note(relay, "idle", before);
  const holding = heldStreams(relay.port, HELD_STREAMS, 3);
  let most = before;
  let isOver = false;
  const watch = async () => {
    while (!isOver) {
      most = Math.max(most, await relay.process?.residentBytes() ?? 0);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const watching = watch();
  refuseFailures(relay, await holding);
  isOver = true;
  await watching;
  note(relay, "stream", (most - before) / HELD_STREAMS);
}

/** A figure with failures in it is none. */
function refuseFailures<T extends { readonly requests: number; readonly failures: number }>(
  { name }: Relay,
  result: T,
): T {
  if (result.failures === 0) return result;
  throw new Error(`Cannot measure ${name}: ${result.failures} requests failed, ${result.requests} did not`);
}

/** The same relays, beginning with another one each round. */
function turned(relays: readonly Relay[], round: number): Relay[] {
  const from = round % relays.length;
  return [...relays.slice(from), ...relays.slice(0, from)];
}

function medianOf(values: readonly number[] | undefined): number | undefined {
  if (values === undefined || values.length === 0) return undefined;
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2;
}
