/**
 * Addresses and networks (CIDR) that a list names, e.g. `10.0.0.0/8`, `2001:db8::/32`, `::1`. An IPv4 address
 * written as IPv6 (`::ffff:10.0.0.1`, RFC 4291 §2.5.5.2) is that IPv4 address, in the list as in what is asked.
 */
export class NetworkList {
  readonly #networks: readonly Network[];

  constructor(networks: readonly Network[]) {
    this.#networks = networks;
  }

  get isEmpty(): boolean {
    return this.#networks.length === 0;
  }

  /** Whether an address is in one of the networks. What is no address is in none. */
  includes(address: string): boolean {
    if (this.#networks.length === 0) return false;
    const bytes = parseAddress(address);
    return bytes !== undefined && this.#networks.some((network) => isWithin(bytes, network));
  }
}

export interface Network {
  /** 4 bytes or 16. */
  readonly address: readonly number[];
  readonly prefixBits: number;
}

/** The list, and the entries that do not read, as they were written. */
export function parseNetworkList(entries: readonly string[]): {
  readonly networks: NetworkList;
  readonly badEntries: readonly string[];
} {
  const networks: Network[] = [];
  const badEntries: string[] = [];
  for (const entry of entries) {
    const network = parseNetwork(entry.trim());
    if (network === undefined) badEntries.push(entry);
    else networks.push(network);
  }
  return { networks: new NetworkList(networks), badEntries };
}

function parseNetwork(entry: string): Network | undefined {
  const [written = "", prefix, ...more] = entry.split("/");
  const address = written.includes("%") ? undefined : parseAddress(written);
  if (address === undefined || more.length > 0) return undefined;
  const bits = address.length * 8;
  if (prefix === undefined) return { address, prefixBits: bits };
  if (!/^(0|[1-9]\d{0,2})$/.test(prefix)) return undefined;
  // An IPv4 network that is written as IPv6 counts its prefix from the front of those 128 bits.
  const prefixBits = Number(prefix) - (bits === 32 && written.includes(":") ? 96 : 0);
  return prefixBits >= 0 && prefixBits <= bits ? { address, prefixBits } : undefined;
}

function isWithin(address: readonly number[], network: Network): boolean {
  if (address.length !== network.address.length) return false;
  let bits = network.prefixBits;
  for (let index = 0; bits > 0; index++, bits -= 8) {
    const differing = (address[index] ?? 0) ^ (network.address[index] ?? 0);
    if (differing >> Math.max(0, 8 - bits) !== 0) return false;
  }
  return true;
}

/** `fe80::1%eth0`: the zone says which way out, not which address. */
function withoutZone(address: string): string {
  const zone = address.indexOf("%");
  return zone === -1 ? address : address.slice(0, zone);
}

/** The 4 or 16 bytes of an address, without its zone; an IPv4 address written as IPv6 has 4. */
export function parseAddress(address: string): readonly number[] | undefined {
  const text = withoutZone(address);
  if (!text.includes(":")) return parseIpv4(text);
  const bytes = parseIpv6(text);
  const isIpv4 = bytes !== undefined && bytes.slice(0, 10).every((byte) => byte === 0) &&
    bytes[10] === 0xff && bytes[11] === 0xff;
  return isIpv4 ? bytes.slice(12) : bytes;
}

/** A leading zero is refused: some read it as octal, and the two would not mean the same address. */
function parseIpv4(text: string): readonly number[] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) return undefined;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

/** RFC 4291 §2.2. */
function parseIpv6(text: string): readonly number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? "", halves.length === 1);
  if (halves.length === 1) return head?.length === 16 ? head : undefined;
  const tail = parseGroups(halves[1] ?? "", true);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 16 - head.length - tail.length;
  return missing >= 2 ? [...head, ...new Array<number>(missing).fill(0), ...tail] : undefined;
}

function parseGroups(text: string, mayEndInIpv4: boolean): readonly number[] | undefined {
  if (text === "") return [];
  const bytes: number[] = [];
  const groups = text.split(":");
  for (const [index, group] of groups.entries()) {
    if (mayEndInIpv4 && index === groups.length - 1 && group.includes(".")) {
      const ipv4 = parseIpv4(group);
      if (ipv4 === undefined) return undefined;
      bytes.push(...ipv4);
      continue;
    }
    if (!/^[0-9a-f]{1,4}$/i.test(group)) return undefined;
    const value = parseInt(group, 16);
    bytes.push(value >> 8, value & 0xff);
  }
  return bytes;
}
