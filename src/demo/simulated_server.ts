import { EMPTY_BODY } from "../core/http.ts";
import { simulatedAnthropic } from "./simulated_anthropic.ts";
import {
  countAbandoned,
  countRequest,
  type KeyCounts,
  newKeyCounts,
  type Outcome,
  type ProviderCounts,
} from "./simulated_counts.ts";
import type {
  SimulatedAnswer,
  SimulatedDialect,
  SimulatedRequest,
  StoredFile,
  TokenCount,
} from "./simulated_dialect.ts";
import { SimulatedGate } from "./simulated_gate.ts";
import { simulatedGemini } from "./simulated_gemini.ts";
import { type Admission, admit, type KeyBehaviour, KeyState } from "./simulated_key.ts";
import { simulatedOpenai } from "./simulated_openai.ts";
import { answerOutage, kindOf, type Outage, type OutageKind, spoil } from "./simulated_outage.ts";
import { Pauses } from "./simulated_pause.ts";
import { serveRealtime } from "./simulated_realtime.ts";
import { toResponse } from "./simulated_response.ts";
import type { ReceivedRequest, SimulatedProvider, SimulatedProviderOptions } from "./simulated_provider.ts";

/** The server of one simulated provider: takes a request, judges its key, counts it, answers. */
export class SimulatedServer implements SimulatedProvider {
  readonly origin: string;
  readonly baseUrl: string;
  readonly models: readonly string[];
  readonly served = new Map<string, KeyCounts>();
  readonly totals: ProviderCounts = {
    ...newKeyCounts(),
    unknownKey: 0,
    abandoned: 0,
    inFlight: 0,
    maxInFlight: 0,
  };
  readonly log: ReceivedRequest[] = [];
  readonly #options: SimulatedProviderOptions;
  readonly #dialect: SimulatedDialect;
  readonly #now: () => number;
  readonly #keys = new Map<string, KeyState>();
  readonly #files: StoredFile[] = [];
  readonly #kept = new Map<string, readonly unknown[]>();
  readonly #pauses = new Pauses();
  readonly #sockets = new Set<WebSocket>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #gate: SimulatedGate;
  #outage: Outage | undefined;
  #isClosed = false;
  #received = 0;

  constructor(options: SimulatedProviderOptions) {
    this.#options = options;
    this.#dialect = DIALECTS[options.dialect];
    this.#now = options.now ?? Date.now;
    this.#outage = options.outage;
    this.models = options.models ?? this.#dialect.models;
    for (const key of options.keys) this.setKey(key.secret, key.behaviour);
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {}, onError: faultOf },
      (request, info) => this.#serve(request, info.remoteAddr.port),
    );
    this.#gate = new SimulatedGate(this.#server.addr.port);
    this.origin = `http://127.0.0.1:${this.#gate.port}`;
    this.baseUrl = this.origin + this.#dialect.basePath;
  }

  setKey(secret: string, behaviour: KeyBehaviour): void {
    this.#keys.set(secret, new KeyState(secret, behaviour));
    if (!this.served.has(secret)) this.served.set(secret, newKeyCounts());
  }

  setOutage(outage: Outage | undefined): void {
    this.#outage = outage;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#pauses.endAll();
    const closing = [...this.#sockets].map((socket) => closed(socket));
    await this.#gate.close();
    await Promise.all(closing);
    await this.#server.shutdown();
  }

  async #serve(incoming: Request, innerPort: number): Promise<Response> {
    const body = await bodyOf(incoming);
    if (body === undefined) {
      this.totals.abandoned++;
      return new Response(null, { status: 400 });
    }
    const request = this.#receive(incoming, body);
    this.totals.inFlight++;
    this.totals.maxInFlight = Math.max(this.totals.maxInFlight, this.totals.inFlight);

    const secret = this.#dialect.credentialOf(request);
    const key = secret === undefined ? undefined : this.#keys.get(secret);
    const outage = key?.outage ?? this.#outageFor(request.number);
    const kind = kindOf(outage);
    if (SILENT.includes(kind)) return await this.#keepSilent(kind, incoming, innerPort, secret);
    const broken = answerOutage(kind, this.#dialect, request);
    if (broken !== undefined) return this.#send(request, broken, "failed", secret);

    const admission = admit(key, secret, request, this.#dialect);
    if (admission.refusal !== undefined) {
      if (key === undefined) this.totals.unknownKey++;
      return this.#send(
        request,
        this.#dialect.refuse(admission.refusal, request),
        "refused",
        secret,
        admission,
      );
    }
    if (admission.waitMs > 0) await this.#pauses.wait(admission.waitMs, incoming.signal);
    if (incoming.headers.get("upgrade")?.toLowerCase() === "websocket" && request.path === "/v1/realtime") {
      return this.#upgrade(incoming, request, secret);
    }

    const world = { models: this.models, isEmpty: kind === "empty", files: this.#files, kept: this.#kept };
    const answer = this.#dialect.answer(request, world);
    if (answer.kind === "whole" && answer.status >= 400) {
      return this.#send(request, answer, "rejected", secret, admission);
    }
    const spoiled = spoil(answer, outage, this.#dialect, request);
    const outcome = spoiled.isSpoiled ? "failed" : "succeeded";
    return this.#send(request, spoiled.answer, outcome, secret, admission, spoiled.breaksAfter);
  }

  #receive(incoming: Request, body: Uint8Array): SimulatedRequest {
    const target = incoming.url.slice(incoming.url.indexOf("/", "http://".length));
    const mark = target.indexOf("?");
    const path = mark < 0 ? target : target.slice(0, mark);
    const query = mark < 0 ? "" : target.slice(mark + 1);
    const { method, headers } = incoming;
    const number = ++this.#received;
    const nowMs = this.#now();
    const logSize = this.#options.logSize ?? 1000;
    if (logSize > 0) this.log.push({ number, method, path, query, headers: [...headers], body, atMs: nowMs });
    if (this.log.length > logSize) this.log.shift();
    return { number, method, path, query: new URLSearchParams(query), headers, body, nowMs };
  }

  #outageFor(number: number): Outage | undefined {
    if (this.#outage !== undefined) return this.#outage;
    const { bursts } = this.#options;
    return bursts !== undefined && (number - 1) % bursts.every >= bursts.every - bursts.length
      ? bursts.outage
      : undefined;
  }

  async #keepSilent(
    kind: OutageKind | undefined,
    incoming: Request,
    innerPort: number,
    secret: string | undefined,
  ): Promise<Response> {
    this.#count("failed", NO_TOKENS, secret);
    if (kind === "hang") await this.#pauses.wait(Infinity, incoming.signal);
    this.#end(kind === "hang");
    this.#gate.drop(innerPort);
    return new Response(null, { status: 500 });
  }

  #upgrade(incoming: Request, request: SimulatedRequest, secret: string | undefined): Response {
    const asked = incoming.headers.get("sec-websocket-protocol")?.split(",").map((name) => name.trim()) ?? [];
    const protocol = asked.includes("realtime") ? { protocol: "realtime" } : {};
    const { socket, response } = Deno.upgradeWebSocket(incoming, { ...protocol, idleTimeout: 0 });
    serveRealtime(socket, request.number, request.query.get("model") ?? "gpt-realtime");
    this.#sockets.add(socket);
    socket.addEventListener("close", () => {
      this.#sockets.delete(socket);
      this.#end(false);
    });
    this.#count("succeeded", NO_TOKENS, secret);
    return response;
  }

  #send(
    request: SimulatedRequest,
    answer: SimulatedAnswer,
    outcome: Outcome,
    secret: string | undefined,
    admission?: Admission,
    breaksAfter?: number,
  ): Response {
    const { tokens } = answer;
    const served = outcome === "succeeded" ? tokens : NO_TOKENS;
    this.#count(outcome, served, secret);
    const extra = this.#dialect.headersOf(
      request,
      admission?.budget,
      tokens.inputTokens + tokens.outputTokens,
    );
    return toResponse(answer, extra, {
      chunkDelayMs: this.#options.chunkDelayMs ?? 0,
      bytesPerWrite: this.#options.bytesPerWrite,
      breaksAfter,
      pauses: this.#pauses,
      onEnd: (isAbandoned) => {
        if (isAbandoned) countAbandoned(this.#countsOf(secret), served);
        this.#end(isAbandoned);
      },
    });
  }

  #count(outcome: Outcome, tokens: TokenCount, secret: string | undefined): void {
    countRequest(this.#countsOf(secret), outcome, tokens);
  }

  #countsOf(secret: string | undefined): KeyCounts[] {
    const ofKey = secret === undefined ? undefined : this.served.get(secret);
    return ofKey === undefined ? [this.totals] : [this.totals, ofKey];
  }

  #end(isAbandoned: boolean): void {
    this.totals.inFlight--;
    if (isAbandoned && !this.#isClosed) this.totals.abandoned++;
  }
}

const DIALECTS: Record<SimulatedProviderOptions["dialect"], SimulatedDialect> = {
  openai: simulatedOpenai,
  anthropic: simulatedAnthropic,
  gemini: simulatedGemini,
};
const NO_TOKENS: TokenCount = { inputTokens: 0, outputTokens: 0 };
/** Outages after which no answer is worked out. */
const SILENT: readonly (OutageKind | undefined)[] = ["reset", "hang"];

/** A fault of this program, or a stream that is broken off on purpose: then nobody gets to see this answer. */
function faultOf(error: unknown): Response {
  return new Response(`Cannot simulate the answer: ${error}`, { status: 500 });
}

/** The whole body, or `undefined` when the caller broke off while sending it: that is no request. */
async function bodyOf(incoming: Request): Promise<Uint8Array | undefined> {
  if (incoming.body === null) return EMPTY_BODY;
  try {
    return await incoming.bytes();
  } catch {
    return undefined;
  }
}

function closed(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    socket.addEventListener("close", () => resolve());
    socket.close();
  });
}
