import assert from "node:assert/strict";
import { type Program, startProgram } from "./program.ts";

export const ADMIN_PASSWORD = "test-admin-password";

/** A server in `folder` that has come up. `await using` ends it. */
export interface Running {
  readonly url: string;
  readonly program: Program;
  /** Calls the admin API; fails the test unless it answers 2xx. */
  admin(method: string, path: string, body?: unknown): Promise<unknown>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts `keyturn serve` in this working folder and waits until it listens. */
export async function startServing(
  folder: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<Running> {
  const program = startProgram(folder, [], {
    ADMIN_PASSWORD,
    HEALTH_CHECK_INTERVAL_SECONDS: "0",
    ...variables,
  });
  const [, url = ""] = await program.printed(/Keyturn listens on (http:\S+)/);
  return {
    url,
    program,
    async admin(method, path, body) {
      const response = await fetch(url + path, {
        method,
        headers: {
          "content-type": "application/json",
          accept: "application/json",
          "x-admin-key": ADMIN_PASSWORD,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      assert.ok(response.ok, `${method} ${path} answered ${response.status} ${text}`);
      return text === "" ? undefined : JSON.parse(text);
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

/** The status of a GET with a credential; its body is thrown away. */
export async function statusOf(url: string, headers: Readonly<Record<string, string>>): Promise<number> {
  const response = await fetch(url, { headers: { accept: "application/json", ...headers } });
  await response.body?.cancel();
  return response.status;
}

/** Asks until it gives what is waited for; fails the test when that takes longer than ten seconds. */
export async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`it comes that ${what}`);
}
