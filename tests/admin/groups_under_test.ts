import assert from "node:assert/strict";
import { Hono } from "hono";
import { ClientKeys } from "../../src/access/client_keys.ts";
import { answerError } from "../../src/admin/error_answer.ts";
import type { GroupDeps } from "../../src/admin/groups.ts";
import { createTurns } from "../../src/admin/in_turn.ts";
import { mountRoutes, type RequestInfo } from "../../src/admin/mount_routes.ts";
import { adminRoutes } from "../../src/admin/routes.ts";
import { fileUrl } from "../../src/core/file_url.ts";
import { createLog } from "../../src/log.ts";
import { LiveGroups } from "../../src/pool/live_groups.ts";
import { LiveProviders } from "../../src/pool/live_providers.ts";
import { ModelIndex } from "../../src/pool/model_index.ts";
import type { Change } from "../../src/store/change_store.ts";
import { createClientKeyHash } from "../../src/store/client_key_hash.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { openKv } from "../../src/store/kv.ts";
import { migrate } from "../../src/store/migrations.ts";
import { Secret } from "../../src/core/secret.ts";
import { parseNetworkList } from "../../src/core/network_list.ts";
import { NetworkGuard } from "../../src/transport/network_guard.ts";
import { Http1Transport } from "../../src/transport/http1.ts";
import { KeyChecks } from "../../src/upkeep/key_checks.ts";
import { DEFAULTS, NOW_MS, testKeyring, testStamp } from "../store/support.ts";
import { testDashboard } from "../support/dashboard_under_test.ts";
import { loneLimiter } from "../support/lone_limiter.ts";
import { ManualTicker } from "../support/manual_ticker.ts";

const ADMIN_KEY = "test-admin-password";

/** The admin API over a real database and nothing else: no port, no proxy, and a clock that stands at `NOW_MS`. */
export class GroupsUnderTest {
  readonly deps: GroupDeps;
  readonly ticker: ManualTicker;
  readonly changes: Change[];
  readonly #app = new Hono<{ Bindings: RequestInfo }>();

  constructor(deps: GroupDeps, ticker: ManualTicker, changes: Change[]) {
    this.deps = deps;
    this.ticker = ticker;
    this.changes = changes;
    mountRoutes(this.#app, adminRoutes(deps), deps);
    this.#app.onError(answerError(deps.log));
  }

  async call(method: string, path: string, body?: unknown): Promise<{ status: number; json: unknown }> {
    const response = await this.#app.request(path, {
      method,
      headers: {
        "x-admin-key": ADMIN_KEY,
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, json: await response.json() };
  }

  /** A request that must be answered 2xx; gives its JSON. */
  async done(method: string, path: string, body?: unknown): Promise<unknown> {
    const { status, json } = await this.call(method, path, body);
    assert.ok(status < 300, `${method} ${path} answered ${status} ${JSON.stringify(json)}`);
    return json;
  }

  /** Calls that must each be answered 422 with just this field, and leave what `path` shows as it was. */
  async refuses(
    method: string,
    path: string,
    wrong: readonly (readonly [field: string, body: unknown])[],
    shownAt = path,
  ): Promise<void> {
    const before = await this.done("GET", shownAt);
    for (const [field, body] of wrong) {
      const { status, json } = await this.call(method, path, body);
      assert.equal(status, 422, `${field}: ${JSON.stringify(json)}`);
      assert.deepEqual(Object.keys(Object(Object(Object(json).error).fields)), [field]);
    }
    assert.deepEqual(await this.done("GET", shownAt), before);
  }
}

/** Runs a test on an admin API with the providers "a", "b" and "c", each with one key, and no group. */
export async function withGroups(test: (admin: GroupsUnderTest) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "keyturn-groups-" });
  const db = await openDatabase({ url: fileUrl(`${folder}/test.db`) });
  const kv = await openKv({ kind: "memory" });
  try {
    await migrate(db);
    const admin = await assemble(db, kv);
    for (const slug of ["a", "b", "c"]) {
      await admin.done("POST", "/admin/providers", { slug, baseUrl: "http://127.0.0.1:9/v1" });
      await admin.done("POST", "/admin/keys", { provider: slug, apiKey: `sk-test-key-${slug}` });
    }
    admin.changes.length = 0;
    await test(admin);
  } finally {
    kv.close();
    await db.close();
    await Deno.remove(folder, { recursive: true });
  }
}

async function assemble(db: Database, kv: Deno.Kv): Promise<GroupsUnderTest> {
  const ticker = new ManualTicker(NOW_MS);
  const keyring = testKeyring();
  const live = new LiveProviders(ticker, Math.random);
  const groups = new LiveGroups(live, ticker, Math.random);
  const hashClientKey = createClientKeyHash(keyring.deriveKey("client_key_hash"));
  const { newId } = testStamp();
  const changes: Change[] = [];
  const log = createLog("error", (line) => assert.fail(line), (text) => text);
  const saveHealth = () => Promise.resolve();
  const stamp = () => ({ newId, nowMs: ticker.now() });
  const deps: GroupDeps = {
    ...await testDashboard({ db, kv, ticker, stamp, adminKey: ADMIN_KEY }),
    keyring,
    live,
    groups,
    models: new ModelIndex(live, groups),
    clientKeys: new ClientKeys(hashClientKey, false),
    hashClientKey,
    policy: DEFAULTS,
    guard: new NetworkGuard({ privateNetworks: parseNetworkList(["127.0.0.0/8"]).networks }),
    log,
    limiter: loneLimiter(ticker),
    keyChecks: new KeyChecks({
      transport: new Http1Transport({ ticker }),
      ticker,
      random: Math.random,
      log,
      live,
      openSecret: (key) => new Secret(key.id),
      saveHealth,
    }),
    inTurn: createTurns(),
    noteChange: (change) => Promise.resolve(void changes.push(change)),
    catchUp: () => Promise.resolve(),
    saveHealth,
    forgetHealth: () => Promise.resolve(),
  };
  return new GroupsUnderTest(deps, ticker, changes);
}
