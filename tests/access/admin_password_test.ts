import assert from "node:assert/strict";
import {
  AdminPassword,
  createPassword,
  hashPassword,
  verifyPassword,
} from "../../src/access/admin_password.ts";
import { Secret } from "../../src/core/secret.ts";
import { hashCheaply } from "../support/cheap_password.ts";

const PASSWORD = "correct horse battery";
const NOW_MS = 1_800_000_000_000;

Deno.test("hashPassword() costs what OWASP asks for, salts each time, and verifyPassword() knows it", async () => {
  const one = await hashPassword(new Secret(PASSWORD));
  const other = await hashPassword(new Secret(PASSWORD));

  assert.match(one, /^scrypt\$131072\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
  assert.notEqual(one, other);
  assert.ok(!one.includes(PASSWORD));
  assert.equal(await verifyPassword(one, PASSWORD), true);
  assert.equal(await verifyPassword(one, `${PASSWORD} `), false);
});

Deno.test("verifyPassword() never takes text that is not ours, nor an overlong password", async () => {
  const stored = hashCheaply(PASSWORD);

  for (const foreign of ["", PASSWORD, "bcrypt$1$2$3$4$5", stored.replace(/[^$]+$/, "")]) {
    assert.equal(await verifyPassword(foreign, PASSWORD).catch(() => false), false, foreign);
  }
  assert.equal(await verifyPassword(hashCheaply("x".repeat(257)), "x".repeat(257)), false);
});

Deno.test("createPassword() gives another one each time, long enough and easy to copy", () => {
  const made = new Set(Array.from({ length: 100 }, createPassword));

  assert.equal(made.size, 100);
  for (const password of made) assert.match(password, /^[\w-]{24}$/);
});

Deno.test("AdminPassword.check() hears ten wrong ones a minute, then none but the one it knows", async () => {
  const password = new AdminPassword(hashCheaply(PASSWORD));
  const checks: string[] = [];
  assert.equal(await password.check(PASSWORD, NOW_MS), "right");

  for (let number = 0; number < 12; number++) checks.push(await password.check(`guess ${number}`, NOW_MS));

  assert.deepEqual(checks, [...Array(10).fill("wrong"), "throttled", "throttled"]);
  assert.equal(await password.check(PASSWORD, NOW_MS), "right");
  assert.equal(password.waitSeconds(NOW_MS + 15_000), 45);
  assert.equal(await password.check("guess", NOW_MS + 59_999), "throttled");
  assert.equal(await password.check("guess", NOW_MS + 60_000), "wrong");
});

Deno.test("AdminPassword.check() throttles a right one that it has not seen, until the minute is over", async () => {
  const password = new AdminPassword(hashCheaply(PASSWORD));
  for (let number = 0; number < 10; number++) await password.check(`guess ${number}`, NOW_MS);

  assert.equal(await password.check(PASSWORD, NOW_MS), "throttled");
  assert.equal(await password.check(PASSWORD, NOW_MS + 60_000), "right");
});

Deno.test("AdminPassword.check() takes many requests of the owner side by side as one try", async () => {
  const password = new AdminPassword(hashCheaply(PASSWORD));

  const right = await Promise.all(Array.from({ length: 64 }, () => password.check(PASSWORD, NOW_MS)));
  const wrong = await Promise.all(Array.from({ length: 64 }, (_, n) => password.check(`guess ${n}`, NOW_MS)));

  assert.deepEqual(new Set(right), new Set(["right"]));
  assert.equal(wrong.filter((check) => check === "wrong").length, 10);
  assert.equal(wrong.filter((check) => check === "throttled").length, 54);
});

Deno.test("AdminPassword.check() computes the slow hash once for the right one", async () => {
  const password = new AdminPassword(await hashPassword(new Secret(PASSWORD)));
  await password.check(PASSWORD, NOW_MS);
  const startedMs = performance.now();

  for (let number = 0; number < 100; number++) await password.check(PASSWORD, NOW_MS);

  assert.ok(performance.now() - startedMs < 100, "100 checks take less than one hash");
});
