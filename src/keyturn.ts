import { AdminPassword, createPassword, hashPassword } from "./access/admin_password.ts";
import { ClientKeys } from "./access/client_keys.ts";
import { draftOfPreset } from "./admin/provider_form.ts";
import { createApp, type Serve } from "./app.ts";
import type { Config } from "./config.ts";
import { createIdSource } from "./core/id.ts";
import { findPreset } from "./core/presets.ts";
import { Secret } from "./core/secret.ts";
import type { Log } from "./log.ts";
import { LiveProviders } from "./pool/live_providers.ts";
import { createClientKeyHash } from "./store/client_key_hash.ts";
import { listClientKeys } from "./store/client_key_store.ts";
import { openDataFolder } from "./store/data_folder.ts";
import { type Database, openDatabase } from "./store/database.ts";
import { createKeyring, type Keyring } from "./store/keyring.ts";
import { type KvTarget, openKv } from "./store/kv.ts";
import { loadMasterKey } from "./store/master_key.ts";
import { migrate } from "./store/migrations.ts";
import { addProviderKeys } from "./store/provider_key_import.ts";
import { loadProviderKeys } from "./store/provider_key_store.ts";
import { createProvider, listProviders } from "./store/provider_store.ts";
import { createSetting, findSetting, setSettings } from "./store/settings_store.ts";
import type { Stamp } from "./store/stamp.ts";
import { addUsage } from "./store/usage_store.ts";
import { SystemTicker } from "./ticker.ts";
import { FetchTransport } from "./transport/fetch.ts";
import { Http1Transport } from "./transport/http1.ts";
import type { Transport } from "./transport/transport.ts";
import { HealthKeeper } from "./upkeep/health_keeper.ts";
import { UsageRecorder } from "./usage/recorder.ts";

/** A running Keyturn, without the port that it is reached by. */
export interface Keyturn {
  readonly serve: Serve;
  readonly live: LiveProviders;
  /** The admin password, when this start has made it: to be shown once. */
  readonly newAdminPassword: Secret | undefined;
  /** Whether anyone may use the proxy: there is a client key, or none is asked for. */
  readonly isOpen: boolean;
  /** Writes what is not written yet and closes the stores. Requests must be over. */
  close(): Promise<void>;
}

/**
 * Opens the stores, fills the memory from them and puts everything together: what the program and its
 * end-to-end tests both start.
 * @throws {StoreError | MasterKeyError} with one line for the operator.
 */
export async function openKeyturn(config: Config, log: Log): Promise<Keyturn> {
  const closers: (() => void | Promise<void>)[] = [];
  const close = async () => {
    for (const each of closers.splice(0).reverse()) await each();
  };
  try {
    return await assemble(config, log, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function assemble(
  config: Config,
  log: Log,
  closers: (() => void | Promise<void>)[],
  close: () => Promise<void>,
): Promise<Keyturn> {
  const folder = await openDataFolder(config.dataDir);
  closers.push(() => folder.close());
  const { masterKey } = await loadMasterKey({
    path: config.masterKeyFile,
    ...(config.masterKey !== undefined && { fromEnv: config.masterKey }),
  });
  const keyring = createKeyring(masterKey);
  const db = await openDatabase({
    url: config.databaseUrl,
    ...(config.databaseAuthToken !== undefined && { authToken: config.databaseAuthToken.reveal() }),
  });
  closers.push(() => db.close());
  await migrate(db);
  const kv = await openKv(kvTarget(config.kvUrl));
  closers.push(() => kv.close());

  const ticker = new SystemTicker();
  closers.push(() => ticker.close());
  const newId = createIdSource(() => ticker.now(), (bytes) => crypto.getRandomValues(bytes));
  const stamp = (): Stamp => ({ newId, nowMs: ticker.now() });

  await seedProviders(config, db, keyring, stamp);
  const live = new LiveProviders(ticker, Math.random);
  await fillPools(live, db, config);
  const keeper = new HealthKeeper(kv, live, log);
  await keeper.open();
  closers.push(() => keeper.close());

  const hashClientKey = createClientKeyHash(keyring.deriveKey("client_key_hash"));
  const clientKeys = new ClientKeys(hashClientKey, config.allowAnonymous);
  for (const stored of await listClientKeys(db)) clientKeys.set(stored);
  addConfiguredClientKeys(clientKeys, config, hashClientKey);

  const recorder = new UsageRecorder((minutes) => addUsage(db, minutes), log);
  closers.push(() => recorder.close());
  const transport: Transport = config.transport === "fetch"
    ? new FetchTransport({ ticker })
    : new Http1Transport({ ticker });
  closers.push(() => transport.close());

  const admin = await openAdminPassword(config, db);
  const serve = createApp({
    transport,
    ticker,
    random: Math.random,
    log,
    openSecret: (key) => keyring.open(key.sealedSecret ?? "", key.id),
    live,
    clientKeys,
    limits: config,
    defaultModel: config.defaultModel,
    newRequestId: createRequestIds(),
    record: (request) => recorder.record(request),
  }, {
    db,
    keyring,
    live,
    clientKeys,
    hashClientKey,
    password: admin.password,
    policy: config.policy,
    ticker,
    log,
    stamp,
  });
  const isOpen = config.allowAnonymous || clientKeys.list().length > 0;
  return { serve, live, newAdminPassword: admin.created, isOpen, close };
}

/** A list of keys in the environment seeds its provider, made when it is missing, if it has no keys yet. */
async function seedProviders(
  config: Config,
  db: Database,
  keyring: Keyring,
  stamp: () => Stamp,
): Promise<void> {
  if (config.keySeeds.size === 0) return;
  const known = await listProviders(db, config.policy);
  for (const [slug, seeds] of config.keySeeds) {
    const preset = findPreset(slug);
    const provider = known.find((each) => each.slug === slug) ??
      (preset && await createProvider(db, draftOfPreset(preset, config.policy), config.policy, stamp()));
    if (provider === undefined) continue;
    const hasKeys = (await loadProviderKeys(db, provider.id)).length > 0;
    if (!hasKeys) await addProviderKeys(db, keyring, provider.id, seeds, stamp());
  }
}

async function fillPools(live: LiveProviders, db: Database, config: Config): Promise<void> {
  for (const provider of await listProviders(db, config.policy)) live.set(provider);
  for (const { key, sealedSecret } of await loadProviderKeys(db)) {
    live.findById(key.providerId)?.pool.set({ ...key, sealedSecret });
  }
}

/** Keys from the environment live as long as the process, under ids that say where they come from. */
function addConfiguredClientKeys(
  clientKeys: ClientKeys,
  config: Config,
  hash: (key: string) => string,
): void {
  config.clientKeys.forEach((secret, index) => {
    const id = `env-${index + 1}`;
    const clientKey = {
      id,
      name: `environment ${index + 1}`,
      lastFour: secret.lastFour,
      isEnabled: true,
      createdAtMs: 0,
    };
    clientKeys.set({ hash: hash(secret.reveal()), clientKey });
  });
}

const ADMIN_PASSWORD_SETTING = "admin_password_hash";

/** The configured password, else the stored one, else a new one. */
async function openAdminPassword(config: Config, db: Database) {
  if (config.adminPassword !== undefined) {
    const hash = await hashPassword(config.adminPassword);
    await setSettings(db, { [ADMIN_PASSWORD_SETTING]: hash });
    return { password: new AdminPassword(hash), created: undefined };
  }
  const known = await findSetting(db, ADMIN_PASSWORD_SETTING);
  if (known !== undefined) return { password: new AdminPassword(known), created: undefined };
  const candidate = new Secret(createPassword());
  const hash = await hashPassword(candidate);
  // Of several instances that start together the first one's stands.
  const stored = await createSetting(db, ADMIN_PASSWORD_SETTING, hash);
  return { password: new AdminPassword(stored), created: stored === hash ? candidate : undefined };
}

/** Short ids, unique among instances: random for the process, then counted. */
function createRequestIds(): () => string {
  const prefix = `req_${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;
  let count = 0;
  return () => `${prefix}${(++count).toString(36).padStart(6, "0")}`;
}

function kvTarget(url: string): KvTarget {
  if (url === ":memory:") return { kind: "memory" };
  return /^https?:\/\//.test(url) ? { kind: "url", url } : { kind: "file", path: url };
}
