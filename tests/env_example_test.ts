import assert from "node:assert/strict";
import { parse as parseEnv } from "dotenv";
import { describeEnvironment, readConfig } from "../src/config.ts";
import { listVariables } from "../src/environment.ts";

Deno.test(".env.example is what describeEnvironment() gives", async () => {
  const text = await Deno.readTextFile(new URL("../.env.example", import.meta.url));

  assert.equal(text, describeEnvironment(), "run `deno task env`");
});

Deno.test("describeEnvironment() sets nothing as it stands, and takes every example when it is uncommented", () => {
  const text = describeEnvironment();
  const uncommented = text.replace(/^# ([A-Z_]+=)/gm, "$1");

  const shown = parseEnv(uncommented);

  assert.deepEqual(Object.keys(parseEnv(text)), []);
  assert.deepEqual(Object.keys(shown), listVariables().map(({ name }) => name));
  assert.equal(readConfig(shown).port, 8000);
});
