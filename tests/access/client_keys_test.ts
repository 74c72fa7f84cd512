import assert from "node:assert/strict";
import { ClientKeys } from "../../src/access/client_keys.ts";
import { type ClientKey, UNBOUND } from "../../src/core/client_key.ts";
import { createClientKeyHash } from "../../src/store/client_key_hash.ts";

const NOW_MS = 1_800_000_000_000;
const hash = createClientKeyHash(crypto.getRandomValues(new Uint8Array(32)));

function clientKey(id: string, more: Partial<ClientKey> = {}): ClientKey {
  return { ...UNBOUND, id, name: id, lastFour: "", isEnabled: true, createdAtMs: NOW_MS, ...more };
}

function clientKeysWith(secrets: Readonly<Record<string, ClientKey>>, allowAnonymous = false): ClientKeys {
  const clientKeys = new ClientKeys(hash, allowAnonymous);
  for (const [secret, key] of Object.entries(secrets)) {
    clientKeys.set({ hash: hash(secret), clientKey: key });
  }
  return clientKeys;
}

Deno.test("ClientKeys.authenticate() knows a right key, and no other", () => {
  const ann = clientKey("ann");
  const clientKeys = clientKeysWith({ "secret-of-ann": ann, "secret-of-bob": clientKey("bob") });

  assert.equal(clientKeys.authenticate("secret-of-ann", NOW_MS), ann);
  for (const wrong of ["secret-of-an", "secret-of-ann ", "SECRET-OF-ANN", "", hash("secret-of-ann")]) {
    assert.equal(clientKeys.authenticate(wrong, NOW_MS), undefined, wrong);
  }
  assert.equal(clientKeys.authenticate(undefined, NOW_MS), undefined);
});

Deno.test("ClientKeys.authenticate() refuses a disabled key, and an expired one from its very moment on", () => {
  const clientKeys = clientKeysWith({
    disabled: clientKey("disabled", { isEnabled: false }),
    expiring: clientKey("expiring", { expiresAtMs: NOW_MS }),
  });

  assert.equal(clientKeys.authenticate("disabled", NOW_MS), undefined);
  assert.notEqual(clientKeys.authenticate("expiring", NOW_MS - 1), undefined);
  assert.equal(clientKeys.authenticate("expiring", NOW_MS), undefined);
});

Deno.test("ClientKeys.authenticate() serves callers without a key as anonymous where that is allowed", () => {
  const clientKeys = clientKeysWith({
    right: clientKey("right"),
    disabled: clientKey("disabled", { isEnabled: false }),
  }, true);

  assert.equal(clientKeys.authenticate(undefined, NOW_MS), "anonymous");
  assert.equal(clientKeys.authenticate("whatever an SDK insists on", NOW_MS), "anonymous");
  assert.notEqual(clientKeys.authenticate("right", NOW_MS), "anonymous");
  assert.equal(clientKeys.authenticate("disabled", NOW_MS), undefined, "who was shut out stays out");
});

Deno.test("ClientKeys.set() replaces a key of the same id, and delete() takes it away", () => {
  const clientKeys = clientKeysWith({ old: clientKey("ann") });

  clientKeys.set({ hash: hash("new"), clientKey: clientKey("ann", { name: "changed" }) });

  assert.equal(clientKeys.authenticate("old", NOW_MS), undefined);
  assert.deepEqual(clientKeys.list().map(({ name }) => name), ["changed"]);
  clientKeys.delete("ann");
  clientKeys.delete("nobody");
  assert.equal(clientKeys.authenticate("new", NOW_MS), undefined);
  assert.deepEqual(clientKeys.list(), []);
});

Deno.test("ClientKeys.authenticate() takes the key before the last rotation until its grace is over", () => {
  const clientKeys = clientKeysWith({ old: clientKey("ann") });
  const rotated = { hash: hash("new"), clientKey: clientKey("ann") };
  const holder = (presented: string, nowMs: number) => {
    const caller = clientKeys.authenticate(presented, nowMs);
    return typeof caller === "object" ? caller.id : caller;
  };

  clientKeys.set({ ...rotated, previous: { hash: hash("old"), graceUntilMs: NOW_MS } });

  assert.deepEqual([holder("old", NOW_MS - 1), holder("new", NOW_MS - 1)], ["ann", "ann"]);
  assert.deepEqual([holder("old", NOW_MS), holder("new", NOW_MS)], [undefined, "ann"]);
  assert.equal(clientKeys.list().length, 1);
  clientKeys.set({ hash: hash("old"), clientKey: clientKey("bob") });
  clientKeys.delete("ann");
  assert.deepEqual([holder("old", NOW_MS), holder("new", NOW_MS - 1)], ["bob", undefined]);
});

Deno.test("ClientKeys.authenticate() takes as long for a wrong key as for a right one, among 100,000", () => {
  const clientKeys = new ClientKeys(hash, false);
  const secretOf = (number: number) => `kt_secret_${String(number).padStart(24, "0")}`;
  for (let number = 0; number < 100_000; number++) {
    clientKeys.set({ hash: hash(secretOf(number)), clientKey: clientKey(String(number)) });
  }
  const rightUs: number[] = [];
  const wrongUs: number[] = [];
  const time = (presented: string) => {
    const startedMs = performance.now();
    clientKeys.authenticate(presented, NOW_MS);
    return (performance.now() - startedMs) * 1000;
  };

  // In turn, so that whatever else the machine does strikes both alike; each key twice, so that a memory would show.
  for (let number = 0; number < 20_000; number++) {
    const each = number >> 1;
    rightUs.push(time(secretOf(each * 5)));
    wrongUs.push(time(secretOf(each * 5 + 200_000)));
  }

  const [right, wrong] = [median(rightUs), median(wrongUs)];
  const ratio = Math.max(right, wrong) / Math.min(right, wrong);
  assert.ok(ratio < 1.5, `right ${right.toFixed(1)} µs, wrong ${wrong.toFixed(1)} µs`);
  assert.ok(Math.max(right, wrong) < 20, `right ${right.toFixed(1)} µs, wrong ${wrong.toFixed(1)} µs`);
});

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? 0;
}

Deno.test("ClientKeys.authenticate() refuses a key that was served before and is deleted or replaced since", () => {
  const clientKeys = clientKeysWith({ "of-ann": clientKey("ann"), "of-bob": clientKey("bob") });
  clientKeys.authenticate("of-ann", NOW_MS);
  clientKeys.authenticate("of-bob", NOW_MS);

  clientKeys.delete("ann");
  clientKeys.set({ hash: hash("new"), clientKey: clientKey("bob") });

  assert.equal(clientKeys.authenticate("of-ann", NOW_MS), undefined);
  assert.equal(clientKeys.authenticate("of-bob", NOW_MS), undefined);
  assert.deepEqual(clientKeys.authenticate("new", NOW_MS), clientKey("bob"));
});
