import type { Config } from "../config.ts";
import { type Keyturn, openKeyturn } from "../keyturn.ts";
import type { Log } from "../log.ts";

/** How a server is started on a port: handed in by main.ts and by tests. */
export type Listen = (
  options: { readonly hostname: string; readonly port: number },
  handlers: Handlers,
) => Listening;

/** What is served on the port. */
export type Handlers = Pick<Keyturn, "serve" | "relay">;

export interface Listening {
  readonly port: number;
  /** Takes no new connections and resolves when every answer under way is complete. */
  shutdown(): Promise<void>;
  /** Breaks off what is still under way. */
  abort(): void;
}

export interface Server {
  readonly keyturn: Keyturn;
  readonly url: string;
  /** Lets answers under way end (at most `drainMs()`), writes what is not written yet, and closes. */
  stop(): Promise<void>;
}

/** A port that cannot be listened on, in one line an operator can act on. */
export class ListenError extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = "ListenError";
  }
}

/**
 * Starts Keyturn on its port. The port is taken first, so that a start which cannot have it has made nothing
 * yet; requests that come before the stores are open wait for them.
 * @throws {ListenError | StoreError | MasterKeyError} with one line for the operator.
 */
export async function startServer(config: Config, log: Log, listen: Listen): Promise<Server> {
  const opening = Promise.withResolvers<Keyturn>();
  // Nobody need be waiting for it.
  opening.promise.catch(() => undefined);
  let current: Handlers = {
    serve: (request, info) =>
      opening.promise.then(
        (opened) => opened.serve(request, info),
        () => new Response(null, { status: 503 }),
      ),
    relay: (incoming) =>
      opening.promise.then(
        (opened) => opened.relay(incoming),
        () => ({ status: 503, headers: [], body: undefined }),
      ),
  };
  const listening = listenOn(config, listen, {
    serve: (request, info) => current.serve(request, info),
    relay: (incoming) => current.relay(incoming),
  });
  const keyturn = await openKeyturn(config, log).catch(async (error: unknown) => {
    opening.reject(error);
    listening.abort();
    await listening.shutdown();
    throw error;
  });
  current = keyturn;
  opening.resolve(keyturn);
  const url = config.publicUrl ?? `http://${shownHost(config.hostname)}:${listening.port}`;
  return { keyturn, url, stop: () => drain(log, listening, keyturn) };
}

/** Lets answers under way end (at most `drainMs()`), writes what is not written yet, and closes. */
export async function drain(
  log: Log,
  listening: Listening,
  keyturn: Keyturn,
): Promise<void> {
  const { promise: due, resolve } = Promise.withResolvers<"due">();
  const deadline = setTimeout(() => resolve("due"), keyturn.drainMs());
  keyturn.endStreams();
  const end = await Promise.race([listening.shutdown(), due]);
  clearTimeout(deadline);
  // What is under way still breaks with the process: Deno.serve throws when it is aborted after a shutdown.
  if (end === "due") log.warn("server.drain_cut", { afterMs: keyturn.drainMs() });
  await keyturn.close();
}

function listenOn({ hostname, port }: Config, listen: Listen, handlers: Handlers): Listening {
  try {
    return listen({ hostname, port }, handlers);
  } catch (error) {
    const state = error instanceof Deno.errors.AddrInUse
      ? "something else listens there (PORT chooses another)"
      : error instanceof Deno.errors.PermissionDenied
      ? "ports below 1024 need more rights (PORT chooses another)"
      : "this machine has no such address (HOST chooses another)";
    throw new ListenError(`Cannot listen on ${shownAddress(hostname)}:${port}: ${state}`, error);
  }
}

/** What a person reads on the terminal after a start. */
export function describeStart({ keyturn, url }: Pick<Server, "keyturn" | "url">, config: Config): string {
  const lines = [`Keyturn listens on ${url}`];
  if (keyturn.newAdminPassword !== undefined) {
    const key = keyturn.newAdminPassword.reveal();
    lines.push(`Admin key, shown this once: ${key}`);
    // Behind the #, so that it is in no request and in no log.
    lines.push(`Set your password with it: ${url}/admin/setup#${key}`);
  } else lines.push(`Dashboard: ${url}/admin${keyturn.isSetUp ? "" : "/setup"}`);
  if (!keyturn.isOpen) {
    lines.push("The proxy is closed: no client key is configured. Set GLOBAL_PROXY_KEYS, or make one:");
    lines.push(
      `  curl -X POST ${url}/admin/client-keys -H 'X-Admin-Key: …' -H 'Content-Type: application/json' -d '{"name":"me"}'`,
    );
  }
  if (config.hostname === "127.0.0.1") {
    lines.push("Only this machine can reach it; HOST=0.0.0.0 opens it to others.");
  }
  return lines.join("\n");
}

function shownHost(hostname: string): string {
  return hostname === "0.0.0.0" || hostname === "::" ? "127.0.0.1" : shownAddress(hostname);
}

function shownAddress(hostname: string): string {
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}
