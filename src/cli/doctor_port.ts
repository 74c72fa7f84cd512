import type { Config } from "../config.ts";
import { fault, type Finding, good } from "./finding.ts";

const PATIENCE_MS = 3_000;

/** Whether the port can be listened on, or a Keyturn has it already. */
export async function checkPort({ hostname, port, isOnDeploy }: Config): Promise<Finding[]> {
  if (isOnDeploy) return [];
  const address = `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
  try {
    Deno.listen({ hostname, port }).close();
    return [good("port", port === 0 ? `${address}: takes a free one` : `${address} is free`)];
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) {
      const state = error instanceof Deno.errors.PermissionDenied
        ? "ports below 1024 need more rights: PORT chooses another"
        : "this machine has no such address: HOST chooses another";
      return [fault("port", `${address}: ${state}`)];
    }
    return [
      await isKeyturn(hostname, port)
        ? good("port", `${address}: Keyturn serves there`)
        : fault("port", `${address}: something else listens there: end it, or PORT chooses another`),
    ];
  }
}

async function isKeyturn(hostname: string, port: number): Promise<boolean> {
  const host = hostname === "0.0.0.0" ? "127.0.0.1" : hostname === "::" ? "[::1]" : hostname;
  try {
    const response = await fetch(`http://${host}:${port}/health`, {
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    await response.body?.cancel();
    return response.ok;
  } catch {
    // Whatever it is, it does not answer as Keyturn does.
    return false;
  }
}
