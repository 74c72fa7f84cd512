import assert from "node:assert/strict";
import { parseNetworkList } from "../../src/core/network_list.ts";

const CASES: readonly (readonly [network: string, inside: readonly string[], outside: readonly string[]])[] =
  [
    ["10.0.0.0/8", ["10.0.0.1", "10.255.255.255", "::ffff:10.1.2.3", "::FFFF:0a01:0203"], [
      "11.0.0.0",
      "9.255.255.255",
    ]],
    ["10.1.2.3", ["10.1.2.3", "::ffff:10.1.2.3"], ["10.1.2.4", "::10.1.2.3"]],
    ["192.168.1.77/25", ["192.168.1.0", "192.168.1.127"], ["192.168.1.128"]],
    ["0.0.0.0/0", ["1.2.3.4", "::ffff:1.2.3.4"], ["::1", "2001:db8::1"]],
    ["::ffff:10.0.0.0/104", ["10.9.9.9"], ["11.0.0.1"]],
    ["2001:db8::/32", ["2001:db8::1", "2001:0DB8:ffff::"], ["2001:db9::", "32.1.13.184"]],
    ["::1", ["::1", "0:0:0:0:0:0:0:1"], ["::2", "127.0.0.1"]],
    ["::/0", ["::1", "fe80::1%eth0"], ["1.2.3.4", "::ffff:1.2.3.4"]],
    ["fe80::/10", ["fe80::1%eth0", "febf::1"], ["fec0::1"]],
    ["2001:db8::7:0/113", ["2001:db8::7:7fff"], ["2001:db8::7:8000"]],
    [" 1:2:3:4:5:6:7:8 ", ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:0.7.0.8"], ["1:2:3:4:5:6:7:9"]],
  ];

for (const [network, inside, outside] of CASES) {
  Deno.test(`NetworkList.includes() holds what is in ${network.trim()} and nothing else`, () => {
    const { networks, badEntries } = parseNetworkList([network]);

    assert.deepEqual(badEntries, []);
    assert.deepEqual(inside.filter((address) => !networks.includes(address)), []);
    assert.deepEqual(outside.filter((address) => networks.includes(address)), []);
  });
}

Deno.test("parseNetworkList() tells the entries that do not read, and keeps the others", () => {
  const bad = [
    "",
    "localhost",
    "10.0.0",
    "10.0.0.256",
    "010.0.0.1",
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0.0/-1",
    "10.0.0.0/08",
    "10.0.0.0/8/9",
    "1.2.3.4:80",
    ":::",
    "1::2::3",
    "12345::",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7::8",
    "::ffff:1.2.3",
    "1.2.3.4::",
    "::1/129",
    "::ffff:1.2.3.4/95",
    "[::1]",
    "fe80::1%eth0",
    ":1",
    "1:",
  ];

  const { networks, badEntries } = parseNetworkList([...bad, "::1"]);

  assert.deepEqual(badEntries, bad);
  assert.ok(networks.includes("::1") && !networks.includes("10.0.0.1"));
});

Deno.test("NetworkList.includes() refuses what is no address", () => {
  const { networks } = parseNetworkList(["0.0.0.0/0", "::/0"]);

  assert.deepEqual(["", "unknown", "1.2.3", "::g"].filter((text) => networks.includes(text)), []);
  assert.ok(parseNetworkList([]).networks.isEmpty);
});
