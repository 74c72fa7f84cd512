import assert from "node:assert/strict";
import { startProgram, withWorkingFolder } from "./program.ts";

Deno.test("keyturn demo prints an admin URL, a client key and three curl lines that work, and leaves nothing", () =>
  withWorkingFolder(async (folder) => {
    await using program = startProgram(folder, ["demo", "--seconds", "4"], { TMPDIR: folder });
    const [, pageUrl = "", adminKey = ""] = await program.printed(
      /Dashboard +(http\S+) +\(name: admin, password and X-Admin-Key: (\S+)\)/,
    );
    const adminUrl = `${pageUrl}/status`;
    const [, clientKey = ""] = await program.printed(/Client key +(\S+)/);
    await program.printed(/Hello from Gemini.*\n/);

    const status = await fetch(adminUrl, { headers: { "x-admin-key": adminKey } });
    const statusText = await status.text();
    const lines = [...(await program.printed(/[\s\S]+/))[0].matchAll(/^ +(curl .+)$/gm)];
    const answers = await Promise.all(lines.map(([, line = ""]) => runCurl(line)));
    const ended = await program.ended();

    assert.equal(status.status, 200);
    assert.deepEqual(Object.keys(JSON.parse(statusText)).toSorted(), ["anthropic", "gemini", "openai"]);
    assert.equal(answers.length, 3);
    assert.ok(lines.every(([, line = ""]) => line.includes(clientKey)));
    const [openai = "", anthropic = "", gemini = ""] = answers;
    assert.equal(JSON.parse(openai).object, "chat.completion", openai);
    assert.match(anthropic, /event: message_start[\s\S]*event: message_stop/);
    assert.ok(Array.isArray(JSON.parse(gemini).candidates), gemini);
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stdout, /\d+ sent, \d+ succeeded, 0 failed/);
    const left = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
    assert.deepEqual(left.filter((name) => name.startsWith("keyturn") || name === "data"), []);
    await assert.rejects(fetch(adminUrl), "nothing listens any more");
  }));

Deno.test("keyturn demo takes another port when its own is taken, and ends on SIGTERM", () =>
  withWorkingFolder(async (folder) => {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const variables = { TMPDIR: folder, PORT: String(taken.addr.port) };
    await using program = startProgram(folder, ["demo"], variables);
    const [, port] = await program.printed(/Dashboard +http:\/\/127\.0\.0\.1:(\d+)/);

    const ended = await program.stop();

    assert.notEqual(port, variables.PORT);
    assert.equal(ended.code, 0, ended.stderr);
    const left = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
    assert.deepEqual(left.filter((name) => name.startsWith("keyturn")), []);
  }));

/** Runs the line in a shell, as somebody who pastes it does, or by `fetch` where there is no curl; gives the answer. */
async function runCurl(line: string): Promise<string> {
  const quiet = line.replace("curl", "curl --silent --show-error --noproxy '*'");
  const { code, stdout, stderr } = await new Deno.Command("sh", { args: ["-c", quiet] }).output();
  if (code === COMMAND_NOT_FOUND) return await fetchLike(line);
  const text = new TextDecoder();
  assert.equal(code, 0, text.decode(stderr));
  return text.decode(stdout);
}

const COMMAND_NOT_FOUND = 127;

async function fetchLike(line: string): Promise<string> {
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");
  const after = (option: string) => words.flatMap((word, at) => word === option ? [words[at + 1] ?? ""] : []);
  const url = words.find((word) => word.startsWith("http")) ?? "";
  const [body = ""] = after("-d");
  const headers = new Headers(
    after("-H").map((header): [string, string] => {
      const colon = header.indexOf(":");
      return [header.slice(0, colon), header.slice(colon + 1).trim()];
    }),
  );
  return await (await fetch(url, { method: "POST", headers, body })).text();
}
