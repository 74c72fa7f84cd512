import assert from "node:assert/strict";
import { deleteCursor, reserveCursor } from "../../src/store/cursor_store.ts";
import { openKv } from "../../src/store/kv.ts";
import { withFolder } from "./support.ts";

Deno.test("openKv() keeps what was written to a file, and nothing in memory", () =>
  withFolder(async (folder) => {
    for (
      const [target, isKept] of [[{ kind: "file", path: `${folder}/kv.db` }, true], [
        { kind: "memory" },
        false,
      ]] as const
    ) {
      const first = await openKv(target);
      await first.set(["a"], 1);
      first.close();

      const second = await openKv(target);

      assert.equal((await second.get(["a"])).value, isKept ? 1 : null);
      second.close();
    }
  }));

Deno.test("openKv() says what it cannot open", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/notes.txt`, "buy milk\n".repeat(200));

    for (const path of [`${folder}/notes.txt`, `${folder}/none/kv.db`]) {
      await assert.rejects(openKv({ kind: "file", path }), { name: "StoreError", fault: "unavailable" });
    }
    await assert.rejects(openKv({ kind: "url", url: "ftp://host" }), { fault: "bad_url" });
  }));

Deno.test("reserveCursor() never gives an index twice, to whatever handle of the file", () =>
  withFolder(async (folder) => {
    const path = `${folder}/kv.db`;
    const handles = await Promise.all([1, 2, 3].map(() => openKv({ kind: "file", path })));

    const firsts = await Promise.all(
      Array.from({ length: 30 }, (_, index) => reserveCursor(handles[index % 3] ?? assert.fail(), "p", 64)),
    );

    assert.deepEqual(firsts.sort((a, b) => a - b), Array.from({ length: 30 }, (_, index) => index * 64));
    for (const kv of handles) kv.close();
  }));

Deno.test("reserveCursor() counts each provider by itself, and from zero again once it was deleted", async () => {
  const kv = await openKv({ kind: "memory" });
  await reserveCursor(kv, "p", 10);

  const [p, q] = [await reserveCursor(kv, "p", 10), await reserveCursor(kv, "q", 10)];
  await deleteCursor(kv, "p");

  assert.deepEqual([p, q, await reserveCursor(kv, "p", 10)], [10, 0, 0]);
  kv.close();
});
