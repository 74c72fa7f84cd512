import { judge } from "../dialect/judge.ts";
import { judgeTransport } from "../dialect/judge_transport.ts";
import { SEALED, SUCCEEDED, type Verdict } from "../core/verdict.ts";
import { AppError } from "../errors.ts";
import { toResponse } from "./answer.ts";
import { concludeAttempt } from "./conclude_attempt.ts";
import { type ConnectionInfo, fromRequest } from "./incoming.ts";
import { openCredential } from "./open_credential.ts";
import { outgoingTo, type Plan } from "./plan.ts";
import { planRequest, type RelayDeps } from "./plan_request.ts";
import { SUBPROTOCOL } from "./presented_key.ts";
import type { ProxiedRequest } from "./proxied_request.ts";
import { beginRequest, refuseRequest } from "./relay.ts";
import { shortageError } from "./shortage_error.ts";
import { nothingTried, takeTurn, type Turn } from "./turn.ts";
import { baseOf } from "../transport/provider_path.ts";
import { upstreamRequest } from "./upstream_request.ts";

/** Whether a request asks for a WebSocket. */
export function isRealtime(request: Request): boolean {
  return request.method === "GET" && request.headers.get("upgrade")?.toLowerCase() === "websocket";
}

/**
 * Relays a WebSocket (`/v1/realtime`) with a key of the pool. The upstream is connected first: while it is
 * not, another key can be tried, and the caller can be refused by a status of HTTP.
 */
export async function relayRealtime(
  request: Request,
  info: ConnectionInfo | undefined,
  deps: RelayDeps,
): Promise<Response> {
  const proxied = beginRequest(fromRequest(request, info), deps);
  try {
    const plan = await planRequest(proxied, deps);
    if ("status" in plan) return toResponse(plan);
    const { turn, upstream, early } = await connectUpstream(proxied, plan, deps);
    const { socket, response } = accept(request, upstream, () => turn.live.pool.release(turn.lease));
    bridge(socket, upstream, early, () => {
      turn.live.pool.release(turn.lease);
      proxied.finish(101, "succeeded");
    });
    return response;
  } catch (thrown) {
    return toResponse(refuseRequest(proxied, thrown, deps));
  }
}

/** @throws {AppError} `invalid_request` when the caller's handshake is not complete; the upstream is left then. */
function accept(request: Request, upstream: WebSocket, release: () => void): Deno.WebSocketUpgrade {
  try {
    return Deno.upgradeWebSocket(request, upstream.protocol === "" ? {} : { protocol: upstream.protocol });
  } catch (cause) {
    release();
    upstream.close();
    throw new AppError("invalid_request", "Cannot open the WebSocket: its handshake is not complete", {
      cause,
    });
  }
}

type Message = string | ArrayBuffer;

interface Opened {
  readonly upstream: WebSocket;
  /** What the upstream says before the caller can hear it; it begins by itself. */
  readonly early: Message[];
}

interface Connected extends Opened {
  readonly turn: Turn;
}

async function connectUpstream(request: ProxiedRequest, plan: Plan, deps: RelayDeps): Promise<Connected> {
  const tried = nothingTried();
  while (request.attempts.length < plan.maxAttempts) {
    const turn = await takeTurn(request, plan, tried, deps);
    if (turn.kind === "shortage") throw shortageError(plan, deps.ticker.now(), turn.shortage !== undefined);
    const opened = await isAdmitted(turn, deps) ? await open(turn, plan, deps) : REFUSED_PLACE;
    const isOpen = "upstream" in opened;
    note(request, turn, isOpen ? SUCCEEDED : opened, deps);
    if (isOpen) return { turn, ...opened };
    turn.live.pool.release(turn.lease);
    if (opened.action === "answer") break;
    tried.keys.push(turn.lease.key.id);
  }
  throw new AppError("upstream_failed", "The provider did not accept the WebSocket");
}

/** The platform connects a WebSocket by itself, so its place is asked about before, as `FetchTransport` does. */
async function isAdmitted({ live, lease }: Turn, { transport, log }: RelayDeps): Promise<boolean> {
  try {
    await transport.admit(baseOf(live.provider).origin);
    return true;
  } catch (error) {
    // Judged like a connection that could not be made.
    log.warn("realtime.not_admitted", { providerKeyId: lease.key.id, error });
    return false;
  }
}

const REFUSED_PLACE = judgeTransport("connect_failed", false, true);

function note(request: ProxiedRequest, turn: Turn, verdict: Verdict, deps: RelayDeps): void {
  request.provider = turn.live.provider.slug;
  const status = verdict.kind === "succeeded" ? 101 : undefined;
  concludeAttempt(request, turn, turn.lease.startedMs, verdict, status, deps);
}

/** An open connection, or what its failure means. */
function open({ live, lease }: Turn, plan: Plan, deps: RelayDeps): Promise<Opened | Verdict> {
  const { provider } = live;
  const { promise, resolve } = Promise.withResolvers<Opened | Verdict>();
  const credential = openCredential({ live, lease }, deps);
  if (credential === undefined) return Promise.resolve(SEALED);
  const outgoing = upstreamRequest(outgoingTo(plan, provider), provider, credential, true);
  const { origin } = outgoing;
  const host = origin.hostname.includes(":") ? `[${origin.hostname}]` : origin.hostname;
  const socket = new WebSocket(`${origin.isTls ? "wss" : "ws"}://${host}:${origin.port}${outgoing.path}`, {
    protocols: offeredProtocols(plan),
    headers: outgoing.headers.map(([name, value]): [string, string] => [name, value]),
  });
  socket.binaryType = "arraybuffer";
  const early: Message[] = [];
  socket.onmessage = ({ data }) => void early.push(data);
  const timeout = {
    dueMs: Math.min(plan.deadlineMs, deps.ticker.now() + provider.policy.connectTimeoutMs),
    expire: () => {
      resolve(judgeTransport("connect_timeout", false, true));
      socket.close();
    },
  };
  deps.ticker.watch(timeout);
  socket.onopen = () => {
    deps.ticker.unwatch(timeout);
    resolve({ upstream: socket, early });
  };
  socket.onerror = (event) => {
    deps.ticker.unwatch(timeout);
    resolve(judgeRefusal(event instanceof ErrorEvent ? event.message : "", live.provider, plan, deps));
  };
  return promise;
}

/** The runtime tells of a refused upgrade only in words, with the status among them. */
function judgeRefusal(
  message: string,
  { vendor, dialect }: Turn["live"]["provider"],
  plan: Plan,
  deps: RelayDeps,
): Verdict {
  const status = Number(/\b([45]\d\d)\b/.exec(message)?.[1] ?? 0);
  if (status === 0) return judgeTransport("connect_failed", false, true);
  return judge({
    vendor,
    dialect,
    status,
    headers: [],
    body: "",
    path: plan.outgoing.rest,
    nowMs: deps.ticker.now(),
  });
}

function offeredProtocols(plan: Plan): string[] {
  const offered = plan.outgoing.headers.find(([name]) => name === "sec-websocket-protocol")?.[1] ?? "";
  return offered.split(",").map((each) => each.trim()).filter((each) =>
    each !== "" && !each.startsWith(SUBPROTOCOL)
  );
}

/** What one side may be behind before the other side's connection is given up. */
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;

/** Messages pass both ways as they are; when one side closes, so does the other. */
function bridge(caller: WebSocket, upstream: WebSocket, early: Message[], onEnd: () => void): void {
  caller.binaryType = "arraybuffer";
  upstream.onmessage = ({ data }) => {
    if (caller.readyState === WebSocket.CONNECTING) early.push(data);
    else pass(data, caller, upstream);
  };
  caller.onopen = () => {
    for (const data of early.splice(0)) pass(data, caller, upstream);
    if (upstream.readyState >= WebSocket.CLOSING) caller.close();
  };
  caller.onmessage = ({ data }) => pass(data, upstream, caller);
  upstream.onclose = ({ code, reason }) => end(caller, code, reason, onEnd);
  caller.onclose = ({ code, reason }) => end(upstream, code, reason, onEnd);
  // A close event follows each error.
  upstream.onerror = () => {};
  caller.onerror = () => {};
}

function pass(data: Message, to: WebSocket, from: WebSocket): void {
  if (to.readyState !== WebSocket.OPEN) return;
  if (to.bufferedAmount > MAX_BUFFERED_BYTES) {
    from.close(1009, "too far behind");
    to.close(1009, "too far behind");
    return;
  }
  to.send(data);
}

/** Codes below 3000 but 1000 are not for programs to send (WebSocket standard, close()). */
function end(other: WebSocket, code: number, reason: string, onEnd: () => void): void {
  onEnd();
  if (other.readyState >= WebSocket.CLOSING) return;
  if (code === 1000 || (code >= 3000 && code <= 4999)) other.close(code, reason);
  else other.close();
}
