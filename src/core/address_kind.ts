import { NetworkList, parseAddress, parseNetworkList } from "./network_list.ts";

/**
 * - `public`: anyone may be there
 * - `private`: this machine, its network, and whatever is not routed on the internet
 * - `forbidden`: the places where clouds hand out the credentials of their machines, and what is no address
 */
export type AddressKind = "public" | "private" | "forbidden";

/**
 * What an IP address stands for. An IPv4 address inside an IPv6 one (mapped, RFC 4291 §2.5.5.2; NAT64, RFC 6052)
 * counts as itself.
 */
export function addressKind(address: string): AddressKind {
  const bytes = parseAddress(address);
  if (bytes === undefined) return "forbidden";
  if (bytes.length === 16 && NAT64.includes(address)) return addressKind(bytes.slice(12).join("."));
  if (FORBIDDEN.includes(address)) return "forbidden";
  if (PRIVATE.includes(address)) return "private";
  // Global unicast is 2000::/3 so far (RFC 4291 §2.4); what is not, has no business here.
  return bytes.length === 16 && (bytes[0] ?? 0) >> 5 !== 1 ? "private" : "public";
}

const NAT64 = listOf("64:ff9b::/96");

/**
 * AWS (IMDS, ECS, EKS: docs.aws.amazon.com "Instance metadata", "Task metadata endpoint"), Google Cloud
 * (cloud.google.com "Accessing VM metadata"), Azure (169.254.169.254 and the wire server 168.63.129.16), Alibaba
 * (100.100.100.200), Oracle (192.0.0.192).
 */
const FORBIDDEN = listOf(
  "169.254.169.0/24",
  "169.254.170.0/24",
  "168.63.129.16",
  "100.100.100.200",
  "192.0.0.192",
  "fd00:ec2::/32",
  "fd20:ce::254",
);

/** IANA's special-purpose address registries (RFC 6890), all that is not globally reachable; and 6to4, Teredo. */
const PRIVATE = listOf(
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "2001::/23",
  "2001:db8::/32",
  "2002::/16",
  "3fff::/20",
);

function listOf(...networks: string[]): NetworkList {
  return parseNetworkList(networks).networks;
}
