import type { Config } from "../config.ts";
import { type Keyturn, openKeyturn } from "../keyturn.ts";
import type { Log } from "../log.ts";

/** How a server is started on a port: `Deno.serve`, handed in by main.ts and by tests. */
export type Listen = (
  options: { readonly hostname: string; readonly port: number },
  handler: (request: Request) => Response | Promise<Response>,
) => Listening;

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
  /** Lets answers under way end (at most `config.drainMs`), writes what is not written yet, and closes. */
  stop(): Promise<void>;
}

/** Starts Keyturn on its port. */
export async function startServer(config: Config, log: Log, listen: Listen): Promise<Server> {
  const keyturn = await openKeyturn(config, log);
  let listening: Listening;
  try {
    listening = listen({ hostname: config.hostname, port: config.port }, keyturn.serve);
  } catch (error) {
    await keyturn.close();
    throw error;
  }
  const url = config.publicUrl ?? `http://${shownHost(config.hostname)}:${listening.port}`;
  const stop = async () => {
    const deadline = setTimeout(() => {
      log.warn("server.drain_cut", { afterMs: config.drainMs });
      listening.abort();
    }, config.drainMs);
    await listening.shutdown();
    clearTimeout(deadline);
    await keyturn.close();
  };
  return { keyturn, url, stop };
}

/** What a person reads on the terminal after a start. */
export function describeStart({ keyturn, url }: Server, config: Config): string {
  const lines = [`Keyturn listens on ${url}`];
  if (keyturn.newAdminPassword !== undefined) {
    lines.push(`Admin key, shown this once: ${keyturn.newAdminPassword.reveal()}`);
  }
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
  if (hostname === "0.0.0.0" || hostname === "::") return "127.0.0.1";
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}
