import assert from "node:assert/strict";
import type { Config } from "../../src/config.ts";
import { openDatabase } from "../../src/store/database.ts";
import { listProviders } from "../../src/store/provider_store.ts";
import { sumUsage } from "../../src/store/usage_query.ts";
import { ScriptedUpstream } from "../proxy/scripted_upstream.ts";
import {
  ADMIN_KEY,
  at,
  type Got,
  type KeyturnUnderTest,
  startKeyturn,
  until,
} from "../support/keyturn_under_test.ts";

/** A Keyturn whose stores are about to fail, and a count of all that it has acknowledged. `await using` ends it. */
export class Drill {
  readonly keyturn: KeyturnUnderTest;
  readonly #upstream: ScriptedUpstream;
  /** Keys that the provider answers with 429 and a rest of an hour. */
  readonly #limited: Set<string>;
  readonly #added: string[] = [];
  #calls = 0;

  constructor(keyturn: KeyturnUnderTest, upstream: ScriptedUpstream, limited: Set<string>) {
    this.keyturn = keyturn;
    this.#upstream = upstream;
    this.#limited = limited;
  }

  /** From now on the provider limits one of its two keys, so that one of the next two calls learns of it. */
  limitKey(): void {
    this.#limited.add("provider-key-0002");
  }

  /** One proxied request; fails the test unless it is served. */
  async call(): Promise<void> {
    const got = await this.keyturn.ask("/proxy/one/x");
    assert.equal(got.status, 200, got.text);
    this.#calls++;
  }

  /** Adds a provider; remembers it when that was acknowledged. */
  async addProvider(): Promise<Got> {
    const slug = `p${crypto.randomUUID()}`;
    const body = { slug, dialect: "rest", baseUrl: this.#upstream.url };
    const got = await this.keyturn.call("POST", "/admin/providers", body, { "x-admin-key": ADMIN_KEY });
    if (got.status === 201) this.#added.push(slug);
    return got;
  }

  /** Fails the test unless the answer says, to an operator, that the database fails for this reason. */
  assertRefused(got: Got, reason: RegExp): void {
    assert.equal(got.status, 503, got.text);
    assert.equal(at(got.json, "error", "code"), "store_unavailable");
    assert.match(String(at(got.json, "error", "message")), reason);
  }

  untilLogged(pattern: RegExp): Promise<void> {
    return until(() => this.keyturn.logged.some((line) => pattern.test(line)));
  }

  /** Stops it; fails the test unless the database has all that was acknowledged and every call counted once. */
  async assertNothingIsLost(): Promise<void> {
    await this.keyturn.stop();
    const { databaseUrl, policy } = this.keyturn.config;
    const db = await openDatabase({ url: databaseUrl });
    try {
      const slugs = (await listProviders(db, policy)).map(({ slug }) => slug);
      assert.deepEqual(this.#added.filter((slug) => !slugs.includes(slug)), []);
      const [sum] = await sumUsage(db, { fromMinute: 0, toMinute: 1e9, by: [] });
      assert.equal(sum?.requests, this.#calls);
    } finally {
      await db.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.keyturn[Symbol.asyncDispose]();
    await this.#upstream[Symbol.asyncDispose]();
  }
}

/** Starts one with a provider that serves with two keys; `changes` go over the defaults. */
export async function startDrill(changes: Partial<Config> = {}): Promise<Drill> {
  const limited = new Set<string>();
  const upstream = new ScriptedUpstream(({ headers }) =>
    limited.has(headers.get("authorization")?.replace("Bearer ", "") ?? "")
      ? new Response("slow down", { status: 429, headers: { "retry-after": "3600" } })
      : Response.json({ hello: "caller" })
  );
  const keyturn = await startKeyturn(changes);
  await keyturn.enter("one", { dialect: "rest", baseUrl: upstream.url }, [
    "provider-key-0001",
    "provider-key-0002",
  ]);
  return new Drill(keyturn, upstream, limited);
}

/** Where the files of a Keyturn are, in a folder that is not its own. */
export function filesIn(folder: string): Partial<Config> {
  return {
    dataDir: folder,
    databaseUrl: `file:${folder}/keyturn.db`,
    kvUrl: `${folder}/keyturn.kv`,
    masterKeyFile: `${folder}/master.key`,
  };
}
