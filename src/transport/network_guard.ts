import { lookup } from "node:dns/promises";
import { addressKind } from "../core/address_kind.ts";
import type { NetworkList } from "../core/network_list.ts";
import { originKey } from "./origin.ts";
import { type Origin, TransportError } from "./transport.ts";

export interface NetworkGuardOptions {
  /**
   * Private networks in which every provider may be, and no provider anywhere else that is private; `undefined`
   * leaves it to each provider (`Origin.allowsPrivate`).
   */
  readonly privateNetworks: NetworkList | undefined;
  /** The addresses of a name, in order; the platform's resolver by default, with its hosts file. */
  readonly lookup?: (hostname: string) => Promise<readonly string[]>;
}

/** A place that must not be reached. Its message is the state only: "127.0.0.1 is a private address". */
class NetworkRefusal extends Error {
  constructor(state: string) {
    super(state);
    this.name = "NetworkRefusal";
  }
}

/**
 * Where providers may be (threat E1). Public addresses by https; private ones where the operator allows it;
 * metadata services never.
 */
export class NetworkGuard {
  readonly #privateNetworks: NetworkList | undefined;
  readonly #lookup: (hostname: string) => Promise<readonly string[]>;

  constructor(options: NetworkGuardOptions) {
    this.#privateNetworks = options.privateNetworks;
    this.#lookup = options.lookup ?? lookUp;
  }

  /**
   * The addresses of an origin, in order, all of them checked: to be connected to as they are, so that a name cannot
   * change its mind between the check and the connection.
   * @throws NetworkRefusal; whatever the resolver throws
   */
  async resolve(origin: Origin): Promise<readonly string[]> {
    const known = this.faultOf(origin);
    if (known !== undefined) throw new NetworkRefusal(known);
    const addresses = isAddress(origin.hostname) ? [origin.hostname] : await this.#lookup(origin.hostname);
    if (addresses.length === 0) throw new NetworkRefusal("its name has no address");
    for (const address of addresses) {
      const fault = this.#faultOfAddress(address, origin);
      if (fault !== undefined) throw new NetworkRefusal(fault);
    }
    return addresses;
  }

  /** Why an origin must not be reached, as far as that can be told without asking for its addresses. */
  faultOf(origin: Origin): string | undefined {
    const { hostname, port } = origin;
    if (ODD_PORTS.has(port)) return `port ${port} belongs to another service`;
    const name = hostname.toLowerCase().replace(/\.$/, "");
    if (METADATA_NAMES.has(name)) return `${name} is a metadata service`;
    if (isAddress(hostname)) return this.#faultOfAddress(hostname, origin);
    if (/(?:^|\.)localhost$/.test(name)) return this.#faultOfAddress("127.0.0.1", origin);
    const mayBePrivate = this.#privateNetworks?.isEmpty === false ||
      (this.#privateNetworks === undefined && origin.allowsPrivate === true);
    const isPlain = !origin.isTls && origin.allowsPlain !== true;
    // A name without a dot can only be private: its address is judged when it is known.
    return isPlain && !mayBePrivate && name.includes(".") ? PLAIN : undefined;
  }

  #faultOfAddress(address: string, origin: Origin): string | undefined {
    switch (addressKind(address)) {
      case "forbidden":
        return `${address} is the address of a metadata service`;
      case "public":
        return origin.isTls || origin.allowsPlain === true ? undefined : PLAIN;
      case "private": {
        const isAllowed = this.#privateNetworks?.includes(address) ?? origin.allowsPrivate === true;
        return isAllowed ? undefined : `${address} is in a private network (${WAY_OUT})`;
      }
    }
  }
}

/**
 * Asks a guard, if there is one.
 * @throws TransportError "connect_failed", with the guard's words
 */
export async function admitOrigin(guard: NetworkGuard | undefined, origin: Origin): Promise<void> {
  try {
    await guard?.resolve(origin);
  } catch (error) {
    throw new TransportError(
      "connect_failed",
      `Cannot reach ${originKey(origin)}: ${stateOf(error)}`,
      false,
      error,
    );
  }
}

/** What an operator is told of a connection that was not made. */
export function stateOf(error: unknown): string {
  return error instanceof NetworkRefusal ? error.message : "no connection";
}

const PLAIN = "http would send keys in the clear: use https, or allowPlainHttp of the provider";
const WAY_OUT = "allow it with allowPrivateNetwork of the provider, or ALLOW_PRIVATE_NETWORKS";

const METADATA_NAMES = new Set([
  "metadata",
  "metadata.google.internal",
  "metadata.goog",
  "instance-data",
  "instance-data.ec2.internal",
  "metadata.azure.internal",
  "metadata.tencentyun.com",
]);

/**
 * Ports of services that speak no HTTP and could be told something by what looks like one: the "bad ports" of the
 * Fetch standard (fetch.spec.whatwg.org, "Port blocking") that servers use, and those of databases and of Docker.
 */
const ODD_PORTS = new Set([
  ...[20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104],
  ...[
    109,
    110,
    111,
    113,
    115,
    117,
    119,
    123,
    135,
    137,
    139,
    143,
    161,
    179,
    389,
    427,
    465,
    512,
    513,
    514,
    515,
  ],
  ...[526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049],
  ...[3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080],
  ...[445, 1433, 2375, 2376, 2379, 2380, 3306, 3389, 5432, 5900, 6379, 9042, 11211, 27017],
]);

function isAddress(hostname: string): boolean {
  return hostname.includes(":") || /^[0-9.]+$/.test(hostname);
}

async function lookUp(hostname: string): Promise<readonly string[]> {
  const found = await lookup(hostname, { all: true, verbatim: true });
  return found.map(({ address }) => address);
}
