import assert from "node:assert/strict";
import { verifyPassword } from "../../src/access/admin_password.ts";
import { resetPassword } from "../../src/cli/reset_password.ts";
import { readConfig } from "../../src/config.ts";
import { fileUrl } from "../../src/core/file_url.ts";
import { Secret } from "../../src/core/secret.ts";
import { openDatabase } from "../../src/store/database.ts";
import { findOwnerPassword } from "../../src/store/owner_store.ts";
import { runProgram, startProgram, withWorkingFolder } from "./program.ts";
import { statusOf, until } from "./running.ts";

const NEW_PASSWORD = "a passphrase of some length";

Deno.test("keyturn reset-password is taken over by a server that runs, and by its next start", () =>
  withWorkingFolder(async (folder) => {
    await using server = startProgram(folder, []);
    const [, url = ""] = await server.printed(/Keyturn listens on (http:\S+)/);
    const [, old = ""] = await server.printed(/Admin key, shown this once: (\S+)/);
    const statusWith = (password: string) => statusOf(`${url}/admin/status`, { "x-admin-key": password });
    const before = await statusWith(old);

    const reset = await runProgram(folder, ["reset-password", "--password-stdin"], {}, `${NEW_PASSWORD}\n`);

    assert.equal(reset.code, 0, reset.stderr);
    assert.match(reset.stdout, /^The owner's password is set, and the owner's sessions have ended\.\n$/);
    assert.equal(before, 200);
    await until(async () => await statusWith(NEW_PASSWORD) === 200, "the new password is right");
    assert.equal(await statusWith(old), 401);
    await server.stop();
    await using again = startProgram(folder, []);
    const [, nextUrl = ""] = await again.printed(/Keyturn listens on (http:\S+)/);
    assert.equal(await statusOf(`${nextUrl}/admin/status`, { "x-admin-key": NEW_PASSWORD }), 200);
  }));

Deno.test("keyturn reset-password ends the owner's sessions", () =>
  withWorkingFolder(async (folder) => {
    await using server = startProgram(folder, []);
    const [, url = ""] = await server.printed(/Keyturn listens on (http:\S+)/);
    const [, password = ""] = await server.printed(/Admin key, shown this once: (\S+)/);
    const signedIn = await fetch(`${url}/admin/login`, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json", origin: url },
      body: JSON.stringify({ name: "admin", password }),
      redirect: "manual",
    });
    await signedIn.body?.cancel();
    const cookie = signedIn.headers.getSetCookie().map((line) => line.split(";")[0]).join("; ");
    const before = await statusOf(`${url}/admin/status`, { cookie });

    const reset = await runProgram(folder, ["reset-password", "--password-stdin"], {}, NEW_PASSWORD);

    assert.equal(reset.code, 0, reset.stderr);
    assert.equal(before, 200);
    assert.equal(await statusOf(`${url}/admin/status`, { cookie }), 401);
  }));

Deno.test("keyturn reset-password changes nothing where it cannot, and says why in one line", () =>
  withWorkingFolder(async (folder) => {
    const ask = (input: string, variables = {}) =>
      runProgram(folder, ["reset-password", "--password-stdin"], variables, input);

    const ended = [
      await ask(NEW_PASSWORD),
      await ask(NEW_PASSWORD, { ADMIN_PASSWORD: "the-password-of-before" }),
      await runProgram(folder, ["reset-password"]),
    ];

    assert.deepEqual(ended.map(({ code }) => code), [1, 1, 1]);
    assert.match(ended[0]?.stderr ?? "", /there is none yet; `keyturn` makes it\n$/);
    assert.match(
      ended[1]?.stderr ?? "",
      /^keyturn: Cannot reset the password: ADMIN_PASSWORD is set, and wins; .*\n$/,
    );
    assert.deepEqual([...Deno.readDirSync(folder)], [], "no database was made");
  }));

Deno.test("keyturn reset-password refuses a weak password, more than one line, and to ask without a terminal", () =>
  withWorkingFolder(async (folder) => {
    await using server = startProgram(folder, []);
    await server.printed(/Keyturn listens on/);
    await server.stop();
    const ask = (input: string) => runProgram(folder, ["reset-password", "--password-stdin"], {}, input);

    const [weak, long, nobody] = await Promise.all([
      ask("admin123"),
      ask(`${NEW_PASSWORD}\nand more\n`),
      runProgram(folder, ["reset-password"]),
    ]);

    assert.match(weak.stderr, /^keyturn: Cannot use this password: it takes 8 to 256 characters/);
    assert.match(long.stderr, /^keyturn: Cannot read the password: standard input must hold one line\n$/);
    assert.match(nobody.stderr, /^keyturn: Cannot ask for the password: this is no terminal/);
    assert.deepEqual([weak.code, long.code, nobody.code], [1, 1, 1]);
    assert.ok(!`${weak.stderr}${long.stderr}`.includes(NEW_PASSWORD));
  }));

Deno.test("resetPassword() makes a password when none is typed, and shows it once", () =>
  withWorkingFolder(async (folder) => {
    const db = await openDatabase({ url: fileUrl(`${folder}/keyturn.db`) });
    const said: string[] = [];

    await resetPassword({
      config: readConfig({ DATA_DIR: folder }),
      say: (text) => void said.push(text),
      readPassword: () => Promise.resolve(new Secret("")),
    });

    const [, password = ""] = /shown this once: (\S+)\n/.exec(said.join("")) ?? [];
    assert.ok(password.length >= 20);
    assert.equal(said.join("").split(password).length, 2);
    assert.equal(await verifyPassword(await findOwnerPassword(db) ?? "", password), true);
    await db.close();
  }));
