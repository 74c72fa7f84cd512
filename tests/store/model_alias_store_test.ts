import assert from "node:assert/strict";
import type { ModelAlias } from "../../src/core/model_alias.ts";
import {
  createModelAlias,
  deleteModelAlias,
  findModelAlias,
  listModelAliases,
  setModelAlias,
} from "../../src/store/model_alias_store.ts";
import { withDatabase } from "./support.ts";

const FAST: ModelAlias = { name: "fast", target: "groq/llama-4", contextFallback: "gemini/flash" };

Deno.test("createModelAlias() stores every field and refuses a name that is taken", () =>
  withDatabase(async (db) => {
    const bare = { name: "a/b", target: "gpt-5" };

    await createModelAlias(db, FAST);
    await createModelAlias(db, bare);

    assert.deepEqual(await listModelAliases(db), [bare, FAST]);
    assert.deepEqual(await findModelAlias(db, "fast"), FAST);
    await assert.rejects(createModelAlias(db, { name: "fast", target: "other" }), {
      fault: "taken",
      message: "Cannot create alias: fast exists already",
    });
  }));

Deno.test("setModelAlias() and deleteModelAlias() tell when there is no such alias", () =>
  withDatabase(async (db) => {
    await createModelAlias(db, FAST);
    const changed = { name: "fast", target: "openai/gpt-5" };

    assert.equal(await setModelAlias(db, changed), true);
    assert.deepEqual(await listModelAliases(db), [changed], "the fallback is gone");
    assert.equal(await deleteModelAlias(db, "fast"), true);

    assert.equal(await deleteModelAlias(db, "fast"), false);
    assert.equal(await setModelAlias(db, changed), false);
    assert.equal(await findModelAlias(db, "fast"), undefined);
  }));
