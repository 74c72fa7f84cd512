import assert from "node:assert/strict";
import { fileUrl } from "../../src/core/file_url.ts";
import { openDatabase } from "../../src/store/database.ts";
import { ScriptedUpstream } from "../proxy/scripted_upstream.ts";
import { type Ended, runProgram, withWorkingFolder } from "./program.ts";
import { startServing } from "./running.ts";

/** The lines of one kind, each as `what: state`. */
function linesOf({ stdout }: Ended, kind: "good" | "note" | "fault"): string[] {
  return stdout.split("\n").filter((line) => line.startsWith(kind)).map((line) =>
    line.slice(kind.length).trim().replace(/ {2,}/, ": ")
  );
}

const hasLine = (lines: readonly string[], pattern: RegExp) =>
  assert.ok(lines.some((line) => pattern.test(line)), `${pattern} is in\n${lines.join("\n")}`);

Deno.test("keyturn doctor finds all as it should be beside a server that runs", () =>
  withWorkingFolder(async (folder) => {
    await using upstream = new ScriptedUpstream(() => new Response("who are you?", { status: 401 }));
    await using server = await startServing(folder);
    const fields = { dialect: "rest", baseUrl: `${upstream.url}/v9`, credential: { kind: "bearer" } };
    await server.admin("POST", "/admin/providers", { slug: "svc", ...fields });
    await server.admin("POST", "/admin/providers/svc/keys", { keys: ["key-planted-01"] });
    const port = new URL(server.url).port;

    const ended = await runProgram(folder, ["doctor"], { PORT: port });

    assert.deepEqual(linesOf(ended, "fault"), []);
    assert.equal(ended.code, 0);
    const fine = linesOf(ended, "good");
    for (
      const pattern of [
        /^versions: keyturn \d+\.\d+\.\d+, Deno \d/,
        /^settings: can be read$/,
        /^data folder: \.\/data is writable, process \d+ uses it$/,
        /^disk: [\d.]+ GB free/,
        /^database: .*keyturn\.db is whole, its schema \d+ is the newest$/,
        /^master key: fits the database and opens all 1 provider keys$/,
        /^Deno KV: .*keyturn\.kv answers$/,
        /^port: .*: Keyturn serves there$/,
        /^provider svc: 127\.0\.0\.1 answers over plain HTTP in \d+ ms \(HTTP 401\)$/,
        /^clock: agrees with the providers'$/,
      ]
    ) hasLine(fine, pattern);
    assert.deepEqual(upstream.requests.map(({ method, target }) => [method, target]), [["GET", "/v9"]]);
    assert.equal(upstream.requests[0]?.headers.get("authorization"), null, "no key is spent on it");
    assert.ok(!ended.stdout.includes("planted"));
  }));

Deno.test("keyturn doctor makes nothing in an empty folder", () =>
  withWorkingFolder(async (folder) => {
    const ended = await runProgram(folder, ["doctor"]);

    assert.equal(ended.code, 0, ended.stdout);
    hasLine(linesOf(ended, "note"), /^database: .* is not there yet; the first start makes it$/);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  }));

Deno.test("keyturn doctor tells each wrong setting and ends with 1", () =>
  withWorkingFolder(async (folder) => {
    const ended = await runProgram(folder, ["doctor"], { PORT: "eighty", ADMIN_PASSWORD: "admin123" });

    assert.equal(ended.code, 1);
    const faults = linesOf(ended, "fault");
    hasLine(faults, /^settings: PORT: got "eighty", takes a whole number/);
    hasLine(faults, /^settings: ADMIN_PASSWORD: got a value of 8 characters/);
    assert.match(ended.stdout, /To be mended: 2\n$/);
  }));

Deno.test("keyturn doctor finds what is wrong with port, providers, clock and master key, and how to mend it", () =>
  withWorkingFolder(async (folder) => {
    await using upstream = new ScriptedUpstream(() => {
      const late = new Date(Date.now() - 10 * 60_000).toUTCString();
      return new Response("", { headers: { date: late } });
    });
    await using taken = new ScriptedUpstream(() => new Response("", { status: 404 }));
    const closed = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const deadUrl = `http://127.0.0.1:${closed.addr.port}`;
    closed.close();
    {
      await using server = await startServing(folder);
      const fields = { dialect: "rest", credential: { kind: "bearer" } };
      await server.admin("POST", "/admin/providers", { slug: "late", baseUrl: upstream.url, ...fields });
      await server.admin("POST", "/admin/providers", { slug: "dead", baseUrl: deadUrl, ...fields });
      await server.admin("POST", "/admin/providers/late/keys", { keys: ["key-0000001"] });
    }
    const db = await openDatabase({ url: fileUrl(`${folder}/data/keyturn.db`) });
    await db.write([{
      sql: "UPDATE provider_keys SET sealed_secret = replace(sealed_secret, 'v1.', 'v1.0')",
    }]);
    await db.close();
    await Deno.chmod(`${folder}/data/master.key`, 0o644);

    const ended = await runProgram(folder, ["doctor"], {
      PORT: new URL(taken.url).port,
      ALLOW_ANONYMOUS: "true",
    });

    assert.equal(ended.code, 1);
    const faults = linesOf(ended, "fault");
    for (
      const pattern of [
        /^master key: others on this machine may read \.\/data\/master\.key: chmod 600/,
        /^master key: does not open 1 of 1 provider keys: enter those again$/,
        /^port: .*: something else listens there: end it, or PORT chooses another$/,
        /^provider dead: .*: check its base URL, this machine's DNS and firewall$/,
        /^clock: is (?:599|60[0-2]) s ahead of the providers': set it by NTP$/,
      ]
    ) hasLine(faults, pattern);
    assert.equal(faults.length, 5, faults.join("\n"));
  }));

Deno.test("keyturn doctor tells a database that is damaged, and a master key that is another one", () =>
  withWorkingFolder(async (folder) => {
    {
      await using _server = await startServing(folder);
    }
    await Deno.remove(`${folder}/data/master.key`);
    const lost = await runProgram(folder, ["doctor"]);
    const masterKey = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))));
    const another = await runProgram(folder, ["doctor"], { MASTER_KEY: masterKey });
    await Deno.writeTextFile(`${folder}/data/keyturn.db`, "this is no database. ".repeat(500));
    // SQLite would mend the file from it.
    await Deno.remove(`${folder}/data/keyturn.db-wal`);

    const damaged = await runProgram(folder, ["doctor"]);

    hasLine(
      linesOf(lost, "fault"),
      /^master key: the database was begun with one that is not there: put it back$/,
    );
    hasLine(
      linesOf(another, "fault"),
      /^master key: the database was begun with another one: put that one back$/,
    );
    hasLine(linesOf(damaged, "fault"), /^database: Cannot open database .*: the file is not a database$/);
    assert.deepEqual([lost.code, another.code, damaged.code], [1, 1, 1]);
    await assert.rejects(Deno.stat(`${folder}/data/master.key`), Deno.errors.NotFound);
  }));
