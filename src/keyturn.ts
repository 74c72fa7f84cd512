import denoConfig from "../deno.json" with { type: "json" };
import type { AdminPassword } from "./access/admin_password.ts";
import { ClientLimiter } from "./access/client_limiter.ts";
import type { UsageDeps } from "./admin/usage_deps.ts";
import { ImportJobs } from "./admin/import_jobs.ts";
import { KeyChanges } from "./admin/key_changes.ts";
import { createTurns } from "./admin/in_turn.ts";
import { needsSetUp } from "./admin/sign_in_path.ts";
import { createApp, type Serve } from "./app.ts";
import type { Config } from "./config.ts";
import { createIdSource } from "./core/id.ts";
import type { Secret } from "./core/secret.ts";
import type { Ticker } from "./core/watch.ts";
import type { Log } from "./log.ts";
import { LiveGroups } from "./pool/live_groups.ts";
import { LiveProviders } from "./pool/live_providers.ts";
import { ModelIndex } from "./pool/model_index.ts";
import type { RelayDeps } from "./proxy/plan_request.ts";
import type { Relay } from "./proxy/relay.ts";
import { LiveRequests } from "./proxy/live_requests.ts";
import { ThoughtMemory } from "./proxy/thought_memory.ts";
import { openAdminPassword } from "./start/admin_password.ts";
import { openDashboard } from "./start/dashboard.ts";
import { fillGroups, fillPools, loadClientKeys } from "./start/fill_memory.ts";
import { closeAll, type Closers } from "./start/close_all.ts";
import { LiveSettings } from "./start/live_settings.ts";
import { openStores } from "./start/open_stores.ts";
import { openPlayground } from "./start/playground.ts";
import { seedProviders } from "./start/seed_providers.ts";
import { shownSettings } from "./start/shown_settings.ts";
import { startUpkeep } from "./start/upkeep.ts";
import { createClientKeyHash } from "./store/client_key_hash.ts";
import { setLastUsed } from "./store/client_key_store.ts";
import { findOwnerPassword } from "./store/owner_store.ts";
import type { Stamp } from "./store/stamp.ts";
import { forgetInstance, noteInstance } from "./store/instance_store.ts";
import { listPriceVersions } from "./store/price_store.ts";
import { addRequests } from "./store/request_log_store.ts";
import { addUsage } from "./store/usage_store.ts";
import { exchangeWindows } from "./store/window_store.ts";
import { SystemTicker } from "./ticker.ts";
import { FetchTransport } from "./transport/fetch.ts";
import { Http1Transport } from "./transport/http1.ts";
import { NetworkGuard } from "./transport/network_guard.ts";
import type { Transport } from "./transport/transport.ts";
import { InstanceSync } from "./upkeep/instance_sync.ts";
import { KeyHistoryKeeper } from "./upkeep/key_history_keeper.ts";
import { createReloads } from "./upkeep/reload.ts";
import { LastUses } from "./usage/last_uses.ts";
import { LivePrices } from "./usage/live_prices.ts";
import { LOG_QUEUE_BOUNDS, type LogQueueBounds, NOTHING_LOGGED } from "./usage/log_queue.ts";
import { UsageRecorder } from "./usage/recorder.ts";
import { openTraces } from "./usage/traces.ts";
import { UsageTotals } from "./usage/usage_totals.ts";

/** A running Keyturn, without the port that it is reached by. */
export interface Keyturn {
  readonly serve: Serve;
  readonly relay: Relay;
  readonly live: LiveProviders;
  /** The admin password, when this start has made it: to be shown once. */
  readonly newAdminPassword: Secret | undefined;
  /** Whether the owner has chosen a password, or the environment has set it. */
  readonly isSetUp: boolean;
  /** Ends what would go on for ever, so that requests under way come to their end: before `close()`. */
  endStreams(): void;
  /** Whether anyone may use the proxy: there is a client key, or none is asked for. */
  readonly isOpen: boolean;
  /** How long answers under way may go on once the program stops. */
  drainMs(): number;
  /** Does the background work that is due, where no process runs all the time; resolves once it is done. */
  runUpkeep(): Promise<void>;
  /** Writes what is not written yet and closes the stores. Requests must be over. */
  close(): Promise<void>;
}

/**
 * Opens the stores, fills the memory from them and puts everything together: what the program and its
 * end-to-end tests both start.
 * @throws {StoreError | MasterKeyError} with one line for the operator.
 */
export async function openKeyturn(config: Config, log: Log): Promise<Keyturn> {
  const closers: Closers = [];
  const close = () => closeAll(closers, log);
  try {
    return { ...await assemble(config, log, closers), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function assemble(start: Config, log: Log, closers: Closers): Promise<Omit<Keyturn, "close">> {
  const { db, kv, isKvPushed, keyring } = await openStores(start, closers);
  const settings = new LiveSettings(start, db, log);
  await settings.load();
  const { config } = settings;
  const ticker = new SystemTicker();
  const startedMs = ticker.now();
  let isDraining = false;
  closers.push(() => ticker.close());
  const newId = createIdSource(() => ticker.now(), (bytes) => crypto.getRandomValues(bytes));
  const stamp = (): Stamp => ({ newId, nowMs: ticker.now() });

  const live = new LiveProviders(ticker, Math.random);
  const inTurn = createTurns();
  const sync = new InstanceSync({ kv, live, ticker, log, isPushed: isKvPushed, inTurn });
  await sync.begin();
  for (const change of await seedProviders(config, db, keyring, stamp)) await sync.note(change);
  await fillPools(live, db, config.policy);
  const groups = new LiveGroups(live, ticker, Math.random);
  const models = new ModelIndex(live, groups);
  await fillGroups(groups, models, db);
  const hashClientKey = createClientKeyHash(keyring.deriveKey("client_key_hash"));
  const clientKeys = await loadClientKeys(config, db, hashClientKey);
  const prices = new LivePrices();
  const loadPrices = async () => prices.set(await listPriceVersions(db));
  await loadPrices();
  let lookForModels = () => {};
  const owner: { password?: AdminPassword } = {};
  const reloads = createReloads({
    db,
    live,
    groups,
    models,
    clientKeys,
    policy: config.policy,
    onKeys: async (keys) => {
      await sync.takeKeys(keys);
      if (keys.added.length > 0) lookForModels();
    },
  });
  await sync.open({
    ...reloads,
    setting: async () => {
      await settings.load();
      owner.password?.replace(await findOwnerPassword(db) ?? "");
      await loadPrices();
    },
  });
  closers.push(() => sync.close());
  const history = new KeyHistoryKeeper({ db, live, ticker, log });
  closers.push(() => history.close());

  const instance = crypto.randomUUID();
  const limiter = new ClientLimiter({
    ticker,
    log,
    instance,
    windows: (id, change) => exchangeWindows(kv, id, change),
  });
  closers.push(() => limiter.close());
  const totals = new UsageTotals();
  const trace = config.isTraced ? await openTraces() : undefined;
  const logBounds = { ...boundsOfLog(config) };
  const recorder = new UsageRecorder(
    {
      addUsage: (batch) => addUsage(db, batch),
      addRequests: (requests) => addRequests(db, requests, ticker.now()),
    },
    log,
    {
      logBounds,
      observe: ({ usage, latencies }) => totals.add(usage, latencies),
    },
  );
  closers.push(() => recorder.close());
  const lastUses = new LastUses((uses) => setLastUsed(db, uses), ticker, log);
  closers.push(() => lastUses.close());
  const guard = new NetworkGuard(config);
  const transport = createTransport(config, ticker, guard);
  closers.push(() => transport.close());
  // Last, because a password that was made must also be shown.
  const { password, created } = await openAdminPassword(config.adminPassword, db);
  owner.password = password;
  const dashboard = await openDashboard({ config, log, db, kv, keyring, ticker, stamp, password });
  closers.push(() => dashboard.liveEvents.close());

  const running = new LiveRequests();
  const relayDeps: RelayDeps = {
    transport,
    ticker,
    random: Math.random,
    log,
    openSecret: (key) => keyring.open(key.sealedSecret ?? "", key.id),
    live,
    groups,
    models,
    thoughts: new ThoughtMemory(ticker),
    priceOf: (provider, model) => prices.find(provider, model, ticker.now()),
    clientKeys,
    limiter,
    trustedProxies: config.trustedProxies,
    limits: config,
    get defaultModel() {
      return config.defaultModel;
    },
    newRequestId: createRequestIds(),
    running,
    record: (request) => {
      recorder.record(request);
      lastUses.note(request.clientKeyId, request.startedMs);
      trace?.(request);
    },
  };
  const upkeep = startUpkeep({
    transport,
    ticker,
    random: Math.random,
    log,
    live,
    db,
    kv,
    openSecret: relayDeps.openSecret,
    saveHealth: () => sync.saveHealth(),
    kept: config.kept,
    priceBook: () => prices.book(),
    noteInstance: () =>
      noteInstance(kv, { id: instance, version: denoConfig.version, startedMs, seenMs: ticker.now() }),
    get healthCheckIntervalMs() {
      return config.healthCheckIntervalMs;
    },
    modelListFreshMs: config.modelListFreshMs,
    onModels: (providerId, learned) => models.setLearnedModels(providerId, learned),
  });
  // Before the stores, whatever of it is under way ends first.
  closers.push(() => forgetInstance(kv, instance));
  closers.push(() => upkeep.close());
  settings.onChange = async () => {
    Object.assign(logBounds, boundsOfLog(config));
    upkeep.rescheduleChecks();
    // Their policies are what their operators told, over the defaults of now.
    await reloads.provider?.("all");
  };
  lookForModels = () => upkeep.lookForModels();
  const adminDeps: UsageDeps = {
    ...dashboard,
    keyring,
    live,
    groups,
    models,
    clientKeys,
    limiter,
    keyChecks: upkeep.keyChecks,
    usage: {
      prices,
      loadPrices,
      totals,
      recorder: () => recorder.state(),
      kept: config.kept,
      metricsToken: config.metricsToken,
      reprice: () => upkeep.reprice(),
    },
    process: {
      startedMs,
      isDraining: () => isDraining,
      instance,
      jobs: () => upkeep.jobs(),
      get settings() {
        return shownSettings(config);
      },
    },
    settings,
    hashClientKey,
    policy: config.policy,
    guard,
    log,
    inTurn,
    noteChange: async (change) => {
      if (change.kind === "provider" || change.kind === "provider_keys") lookForModels();
      await sync.note(change);
    },
    catchUp: () => sync.catchUp(),
    saveHealth: () => sync.saveHealth(),
    forgetHealth: (providerId, keyIds) => sync.forgetHealth(providerId, keyIds),
  };
  const imports = new ImportJobs(adminDeps);
  closers.push(() => imports.close());
  const keyChanges = new KeyChanges(adminDeps);
  closers.push(() => keyChanges.close());
  return {
    ...createApp(relayDeps, {
      ...adminDeps,
      imports,
      keyChanges,
      running,
      playground: openPlayground(relayDeps, () => recorder.flush()),
    }),
    live,
    newAdminPassword: created,
    isSetUp: !await needsSetUp(dashboard),
    endStreams: () => {
      isDraining = true;
      dashboard.liveEvents.close();
    },
    drainMs: () => config.drainMs,
    runUpkeep: () => upkeep.runAll(),
    isOpen: config.allowAnonymous || clientKeys.list().length > 0,
  };
}

/** A log that is turned off takes nothing. */
function boundsOfLog({ kept }: Config): LogQueueBounds {
  return kept.requests === 0 ? NOTHING_LOGGED : LOG_QUEUE_BOUNDS;
}

/** The way out to providers. */
export function createTransport(config: Config, ticker: Ticker, guard = new NetworkGuard(config)): Transport {
  return config.transport === "fetch"
    ? new FetchTransport({ ticker, guard })
    : new Http1Transport({ ticker, guard });
}

/** Short ids, unique among instances: random for the process, then counted. */
function createRequestIds(): () => string {
  const prefix = `req_${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;
  let count = 0;
  return () => `${prefix}${(++count).toString(36).padStart(6, "0")}`;
}
