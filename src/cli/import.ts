import { countKeys, fingerprintsOf } from "../admin/import_counts.ts";
import { withProvider } from "../admin/import_into.ts";
import { placeFault } from "../admin/import_place.ts";
import { type ImportPlan, planImport } from "../admin/import_plan.ts";
import { type ImportReport, runImport } from "../admin/import_run.ts";
import type { Config } from "../config.ts";
import { createIdSource } from "../core/id.ts";
import type { Secret } from "../core/secret.ts";
import { type Imported, ImportError, type LeftOut } from "../imports/imported.ts";
import { readImport } from "../imports/read_import.ts";
import { openKeyring } from "../start/open_keyring.ts";
import type { Change } from "../store/change_store.ts";
import type { Database } from "../store/database.ts";
import { listGroups } from "../store/group_store.ts";
import { migrate } from "../store/migrations.ts";
import { listModelAliases } from "../store/model_alias_store.ts";
import { listProviders, type ProviderDraft } from "../store/provider_store.ts";
import { StoreError } from "../store/store_error.ts";
import { NetworkGuard } from "../transport/network_guard.ts";
import { MESSAGES } from "../../views/messages.ts";
import { auditCommand, openDatabaseBeside, tellServers } from "./shared_stores.ts";
import type { ImportCommand } from "./import_arguments.ts";
import { createStoreWriter } from "./store_writer.ts";

export interface ImportFileOptions {
  readonly config: Config;
  readonly command: ImportCommand;
  readonly say: (text: string) => void;
  /** Asks for the passphrase of a sealed export. */
  readonly readPassphrase: () => Promise<Secret>;
}

/**
 * Imports a file into the stores, whether servers run or not; those that run take it over. Gives the exit code: 1 when
 * there is nothing in it to take over.
 *
 * @throws {ImportError | StoreError | MasterKeyError} with one line for the operator.
 */
export async function importFile(
  { config, command, say, readPassphrase }: ImportFileOptions,
): Promise<number> {
  const read = await readFile(command.file, readPassphrase);
  const db = await openDatabaseBeside(config);
  try {
    await migrate(db);
    const keyring = await openKeyring(config, db);
    const [providers, groups, aliases] = [
      await listProviders(db, config.policy),
      await listGroups(db),
      await listModelAliases(db),
    ];
    const guard = new NetworkGuard(config);
    const { imported, choices } = withProvider(read, command.provider, providers);
    const standing = {
      providers,
      groupSlugs: groups.map(({ slug }) => slug),
      aliasNames: aliases.map(({ name }) => name),
      policy: config.policy,
      faultOf: (draft: ProviderDraft) => placeFault(draft, guard),
    };
    const plan = planImport(imported, standing, choices);
    const counts = await countKeys(db, plan, await fingerprintsOf(keyring, imported.providers));
    say(previewText(imported, plan, counts, command.withClientKeys));
    const hasAny = plan.providers.some(({ destination }) => destination.kind !== "ask") ||
      (command.withClientKeys && plan.clientKeys.length > 0);
    if (!hasAny) return 1;
    if (command.isDryRun) return sayAndEnd(say, "Nothing is changed: this was a dry run.\n");
    const changes: Change[] = [];
    const nowMs = Date.now();
    const newId = createIdSource(() => Date.now(), (bytes) => crypto.getRandomValues(bytes));
    const writer = createStoreWriter({
      db,
      keyring,
      policy: config.policy,
      stamp: () => ({ newId, nowMs }),
      onChange: (change) => changes.push(change),
    });
    const choicesOfRun = { tags: command.tags, withGroups: true, withClientKeys: command.withClientKeys };
    const report = await runImport(plan, choicesOfRun, writer);
    await auditImport(db, imported, report);
    say(reportText(report));
    await tellAll(config, changes, say);
    return 0;
  } finally {
    await db.close();
  }
}

async function readFile(file: string, readPassphrase: () => Promise<Secret>): Promise<Imported> {
  const text = file === "-" ? await new Response(Deno.stdin.readable).text() : await readTextFile(file);
  try {
    return await readImport(text);
  } catch (error) {
    if (!(error instanceof ImportError && error.code === "passphrase_needed")) throw error;
    return await readImport(text, { passphrase: await readPassphrase() });
  }
}

async function readTextFile(file: string): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    // Translated: the path is the operator's to mend, whatever the system calls it.
    const state = error instanceof Deno.errors.NotFound ? "there is no such file" : "it cannot be read";
    throw new StoreError("unavailable", `Cannot import ${file}: ${state}`, error);
  }
}

async function auditImport(db: Database, { product }: Imported, { providers }: ImportReport): Promise<void> {
  await auditCommand(db, "import.run", `${product}: ${providers.map(({ slug }) => slug).join(", ")}`);
}

async function tellAll(
  config: Config,
  changes: readonly Change[],
  say: (text: string) => void,
): Promise<void> {
  for (const change of changes) {
    if (await tellServers(config, change)) continue;
    say("Servers that run could not be told: start them anew.\n");
    return;
  }
}

function sayAndEnd(say: (text: string) => void, text: string): number {
  say(text);
  return 0;
}

function previewText(
  { product, leftOut }: Imported,
  plan: ImportPlan,
  counts: Awaited<ReturnType<typeof countKeys>>,
  withClientKeys: boolean,
): string {
  const lines = [`Recognised as: ${TEXTS.productNames[product]}`];
  plan.providers.forEach(({ source, destination }, index) => {
    const count = counts[index];
    const from = `${source.slug || TEXTS.nameless}: ${counted(source.keys.length, "key")}`;
    if (count === undefined) {
      const fault = destination.kind === "ask" ? destination.fault : undefined;
      lines.push(`  ${from}, left out: ${fault ?? "say whose they are with --provider SLUG"}`);
      return;
    }
    const into = destination.kind === "new"
      ? `a new provider ${destination.draft.slug} (${destination.draft.baseUrl})`
      : destination.kind === "existing"
      ? destination.provider.slug
      : "";
    const { fresh, elsewhere, duplicate } = count;
    const parts = [`${fresh + elsewhere} to add`, `${duplicate} there already`];
    if (elsewhere > 0) parts.push(`${elsewhere} of them in another provider, too`);
    lines.push(`  ${from} into ${into}: ${parts.join(", ")}`);
  });
  if (plan.groups.length > 0) lines.push(`  ${counted(plan.groups.length, "group")}`);
  if (plan.aliases.length > 0) lines.push(`  ${counted(plan.aliases.length, "alias", "aliases")}`);
  if (plan.clientKeys.length > 0) {
    const hint = withClientKeys ? "" : ", left out (--client-keys takes them over)";
    lines.push(`  ${counted(plan.clientKeys.length, "client key")}${hint}`);
  }
  return printable([...lines, ...leftOutLines([...leftOut, ...plan.leftOut])]);
}

const TEXTS = MESSAGES.en.importKeys;
const MAX_LEFT_OUT_LINES = 50;

function leftOutLines(leftOut: readonly LeftOut[]): string[] {
  if (leftOut.length === 0) return [];
  const shown = leftOut.slice(0, MAX_LEFT_OUT_LINES).map(({ place, reason, what }) => {
    const where = typeof place === "number" ? TEXTS.line(place) : place;
    return `  ${where}${what === undefined ? "" : ` (${what})`}: ${TEXTS.reasons[reason]}`;
  });
  const rest = leftOut.length - shown.length;
  return [`${TEXTS.leftOut(leftOut.length)}:`, ...shown, ...(rest > 0 ? [`  and ${rest} more`] : [])];
}

function reportText({ providers, groups, aliases, clientKeys, leftOut }: ImportReport): string {
  const lines = providers.map(({ slug, isNew, added, duplicate }) =>
    `${slug}${isNew ? " (new)" : ""}: ${added} added, ${duplicate} there already`
  );
  if (groups + aliases + clientKeys > 0) lines.push(TEXTS.alsoAdded(groups, aliases, clientKeys));
  return printable([...lines, ...leftOutLines(leftOut)]);
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Names of somebody's file go to a terminal: control characters stay out of it. */
function printable(lines: readonly string[]): string {
  return `${lines.map((line) => line.replace(/\p{C}/gu, "?")).join("\n")}\n`;
}
