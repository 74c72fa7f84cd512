import assert from "node:assert/strict";
import { addressKind } from "../../src/core/address_kind.ts";
import { parseNetworkList } from "../../src/core/network_list.ts";
import { Http1Transport } from "../../src/transport/http1.ts";
import { FetchTransport } from "../../src/transport/fetch.ts";
import { NetworkGuard } from "../../src/transport/network_guard.ts";
import { chat } from "../proxy/asks.ts";
import { ScriptedUpstream } from "../proxy/scripted_upstream.ts";
import { at, startKeyturn } from "../support/keyturn_under_test.ts";
import { ManualTicker } from "../support/manual_ticker.ts";
import { RawServer } from "../support/raw_server.ts";
import { failureOf, get, LIMITS } from "../transport/transports.ts";

const KINDS: readonly [kind: "public" | "private" | "forbidden", addresses: readonly string[]][] = [
  ["public", ["1.1.1.1", "172.15.0.1", "172.32.0.1", "100.63.0.1", "2606:4700::1111", "64:ff9b::1.1.1.1"]],
  ["private", [
    "127.0.0.1",
    "127.255.255.254",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "0.0.0.0",
  ]],
  ["private", ["169.254.1.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1"]],
  ["private", ["::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:7f00:1", "64:ff9b::10.0.0.1"]],
  ["private", [
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd12::1",
    "ff02::1",
    "2002:7f00:1::",
    "2001::1",
    "2001:db8::1",
  ]],
  ["forbidden", [
    "169.254.169.254",
    "::ffff:169.254.169.254",
    "::ffff:a9fe:a9fe",
    "64:ff9b::169.254.169.254",
  ]],
  ["forbidden", ["169.254.170.2", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16"]],
  ["forbidden", ["192.0.0.192", "example.org", "1.2.3", ""]],
];

Deno.test("E1 addressKind() knows public, private and metadata addresses in every spelling", () => {
  for (const [kind, addresses] of KINDS) {
    for (const address of addresses) assert.equal(addressKind(address), kind, address);
  }
});

/** What a form must refuse while nothing is allowed: all spellings of this machine, its network and the clouds' own. */
const REFUSED = [
  "https://127.0.0.1/v1",
  "https://127.1/v1",
  "https://0x7f.1/v1",
  "https://0177.0.0.1/v1",
  "https://2130706433/v1",
  "https://[::1]/v1",
  "https://[::ffff:7f00:1]/v1",
  "https://[::ffff:127.0.0.1]/v1",
  "https://0.0.0.0/v1",
  "https://10.0.0.1/v1",
  "https://192.168.0.1/v1",
  "https://172.16.0.1/v1",
  "https://[fd00::1]/v1",
  "https://[fe80::1]/v1",
  "https://localhost/v1",
  "https://LOCALHOST./v1",
  "https://api.localhost/v1",
  "https://169.254.169.254/latest",
  "https://2852039166/latest",
  "https://[fd00:ec2::254]/latest",
  "https://metadata.google.internal/computeMetadata/v1",
  "https://metadata/computeMetadata/v1",
  "http://api.example.org/v1",
  "http://1.1.1.1/v1",
  "https://api.example.org:22/v1",
  "https://api.example.org:25/v1",
  "https://api.example.org:6379/v1",
  "https://user:password1@api.example.org/v1",
  "https://user@api.example.org/v1",
  "file:///etc/passwd",
  "data:text/plain,x",
  "blob:https://api.example.org/1",
  "ftp://api.example.org/v1",
  "gopher://api.example.org/v1",
  "javascript:alert(1)",
  "//api.example.org/v1",
];

Deno.test("E1 a base URL of a private network, a metadata service, another scheme or a user is refused with its reason", async () => {
  await using keyturn = await startKeyturn({ privateNetworks: undefined });
  const post = (slug: string, baseUrl: string, policy = {}) =>
    keyturn.call("POST", "/admin/providers", { slug, baseUrl, policy }, {
      "x-admin-key": "test-admin-password",
    });

  for (const [index, baseUrl] of REFUSED.entries()) {
    const got = await post(`p${index}`, baseUrl);
    const reason = at(got.json, "error", "fields", "baseUrl");
    assert.equal(got.status, 422, `${baseUrl} ${got.text}`);
    assert.ok(typeof reason === "string" && !reason.includes("password1"), `${baseUrl} ${got.text}`);
  }
  const metadata = await post("m", "http://169.254.169.254/", {
    allowPrivateNetwork: true,
    allowPlainHttp: true,
  });
  const allowed = await post("own", "http://127.0.0.1:11434/v1", { allowPrivateNetwork: true });
  const plain = await post("plain", "http://api.example.org/v1", { allowPlainHttp: true });
  const moved = await keyturn.call("PATCH", "/admin/providers/plain", { baseUrl: "https://10.0.0.1/v1" }, {
    "x-admin-key": "test-admin-password",
  });

  assert.deepEqual([metadata.status, allowed.status, plain.status, moved.status], [422, 201, 201, 422]);
});

Deno.test("E1 a provider on a private address is not connected to unless it is allowed, by fetch neither", async () => {
  await using upstream = new ScriptedUpstream(() => Response.json({ choices: [] }));
  for (const transport of ["http1", "fetch"] as const) {
    await using keyturn = await startKeyturn({ transport });
    await keyturn.enter("inside", { baseUrl: upstream.url }, ["key-0000001"]);
    await keyturn.stop();
    // The operator has changed his mind about where providers may be; what is stored stays.
    await using again = await restart(keyturn.config.dataDir, transport);

    const got = await again.ask("/llm/inside/v1/chat/completions", chat());

    assert.ok(got.status >= 500, `${transport} ${got.status}`);
  }
  assert.equal(upstream.requests.length, 0);
});

/** The same data, on a server that allows another private network. */
function restart(dataDir: string, transport: "http1" | "fetch") {
  return startKeyturn({
    dataDir,
    databaseUrl: `file:${dataDir}/keyturn.db`,
    kvUrl: `${dataDir}/keyturn.kv`,
    masterKeyFile: `${dataDir}/master.key`,
    transport,
    privateNetworks: parseNetworkList(["10.0.0.0/8"]).networks,
  });
}

const origin = (port: number) => ({ isTls: false, hostname: "provider.example", port, allowsPlain: true });

Deno.test("E1 a name that resolves privately is refused when it is connected to, and one bad address is enough", async () => {
  await using server = new RawServer((connection) => connection.readToEnd());
  for (const addresses of [["127.0.0.1"], ["1.1.1.1", "127.0.0.1"], ["::ffff:127.0.0.1"], []]) {
    const guard = new NetworkGuard({ privateNetworks: undefined, lookup: () => Promise.resolve(addresses) });
    for (const Transport of [Http1Transport, FetchTransport]) {
      const transport = new Transport({ ticker: new ManualTicker(), guard });

      const error = await failureOf(transport.send(get(origin(server.origin.port)), LIMITS).answer);
      const admitted = await failureOf(transport.admit(origin(server.origin.port)));
      transport.close();

      assert.deepEqual([error.fault, error.wasSent, admitted.fault], [
        "connect_failed",
        false,
        "connect_failed",
      ]);
    }
  }
  assert.equal(server.connectionCount, 0);
});

Deno.test("E1 a name that rebinds between check and connection changes nothing: the checked address is connected to", async () => {
  await using server = new RawServer(async (connection) => {
    await connection.readHead();
    await connection.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
  });
  let asked = 0;
  // The first answer is allowed, every later one is not: a second look-up would be seen.
  const lookup = () => Promise.resolve(asked++ === 0 ? ["127.0.0.1"] : ["127.0.0.2"]);
  const guard = new NetworkGuard({ privateNetworks: parseNetworkList(["127.0.0.1"]).networks, lookup });
  const transport = new Http1Transport({ ticker: new ManualTicker(), guard });

  const { status } = await transport.send(get(origin(server.origin.port)), LIMITS).answer;
  transport.close();

  assert.equal(status, 200);
  assert.equal(asked, 1);
});

Deno.test("E1 a connection of a provider that may be private serves none that may not", async () => {
  await using server = new RawServer(async (connection) => {
    while (await connection.readHead() !== undefined) {
      await connection.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    }
  });
  const transport = new Http1Transport({
    ticker: new ManualTicker(),
    guard: new NetworkGuard({ privateNetworks: undefined }),
  });

  const { status } = await transport.send(get({ ...server.origin, allowsPrivate: true }), LIMITS).answer;
  const error = await failureOf(transport.send(get(server.origin), LIMITS).answer);
  transport.close();

  assert.equal(status, 200);
  assert.equal(error.fault, "connect_failed");
  assert.match(error.message, /127\.0\.0\.1 is in a private network \(allow it with/);
});
