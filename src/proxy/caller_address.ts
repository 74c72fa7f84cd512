import type { NetworkList } from "../core/network_list.ts";
import type { Incoming } from "./incoming.ts";

/**
 * Where a request comes from: the other end of its connection, or, when that is a proxy whose word is taken, the
 * rightmost address of `X-Forwarded-For` that is no such proxy. What stands left of that one anybody may have written.
 * `undefined` when it is not known.
 */
export function callerAddress(incoming: Incoming, trustedProxies: NetworkList): string | undefined {
  const remote = incoming.remoteAddress();
  if (trustedProxies.isEmpty || remote === undefined || !trustedProxies.includes(remote)) return remote;
  const forwarded = incoming.headers.filter(([name]) => name === "x-forwarded-for")
    .flatMap(([, value]) => value.split(",")).map(withoutPort).filter((entry) => entry !== "");
  // A chain of nothing but trusted proxies begins with one of them.
  return forwarded.findLast((address) => !trustedProxies.includes(address)) ?? forwarded[0] ?? remote;
}

/** Some proxies write `203.0.113.7:4711` and `[2001:db8::1]:4711`. */
function withoutPort(entry: string): string {
  const text = entry.trim();
  if (text.startsWith("[")) return text.slice(1, text.indexOf("]"));
  const [address = "", port] = text.split(":");
  return port !== undefined && address.includes(".") && !text.includes("::") ? address : text;
}
