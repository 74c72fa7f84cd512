import { type ExportCounts, exportText } from "../admin/export_content.ts";
import type { Config } from "../config.ts";
import type { Secret } from "../core/secret.ts";
import { sealExport } from "../imports/sealed_export.ts";
import { openKeyring } from "../start/open_keyring.ts";
import { listGroups } from "../store/group_store.ts";
import { migrate } from "../store/migrations.ts";
import { listModelAliases } from "../store/model_alias_store.ts";
import { listProviders } from "../store/provider_store.ts";
import { StoreError } from "../store/store_error.ts";
import type { ExportCommand } from "./export_arguments.ts";
import { auditCommand, openDatabaseBeside } from "./shared_stores.ts";

export interface ExportFileOptions {
  readonly config: Config;
  readonly command: ExportCommand;
  readonly say: (text: string) => void;
  /** Asks for the passphrase that the export is sealed with. */
  readonly readPassphrase: () => Promise<Secret>;
}

/**
 * Writes providers with their keys, groups and aliases into a file that only its owner reads, whether servers run or
 * not.
 *
 * @throws {StoreError | MasterKeyError} with one line for the operator.
 */
export async function exportFile({ config, command, say, readPassphrase }: ExportFileOptions): Promise<void> {
  const { file, provider, tag, isPlain } = command;
  const db = await openDatabaseBeside(config);
  try {
    await migrate(db);
    const keyring = await openKeyring(config, db);
    const providers = await listProviders(db, config.policy);
    if (provider !== undefined && !providers.some(({ slug }) => slug === provider)) {
      throw new StoreError(
        "unavailable",
        `Cannot export ${JSON.stringify(provider)}: there is no such provider`,
      );
    }
    const passphrase = isPlain ? undefined : await readPassphrase();
    const source = {
      db,
      keyring,
      providers,
      groups: await listGroups(db),
      aliases: await listModelAliases(db),
    };
    const filter = {
      providers: provider === undefined ? [] : [provider],
      tag,
      onlyEnabled: false,
      withGroups: provider === undefined,
    };
    const counts: ExportCounts = { providers: 0, keys: 0, unreadable: 0 };
    const pieces = await Array.fromAsync(exportText(source, filter, Date.now(), counts));
    const text = passphrase === undefined ? pieces.join("") : await sealExport(pieces.join(""), passphrase);
    await auditCommand(db, "export.run", provider ?? "");
    await write(file, text, say);
    if (file !== "-") {
      say(
        `${file}: ${counts.keys} provider keys of ${counts.providers} providers${
          isPlain ? ", in clear" : ""
        }\n`,
      );
    }
    if (counts.unreadable > 0 && file !== "-") {
      say(`${counts.unreadable} keys do not open and are not in it\n`);
    }
  } finally {
    await db.close();
  }
}

async function write(file: string, text: string, say: (text: string) => void): Promise<void> {
  if (file === "-") return say(text);
  try {
    await Deno.writeTextFile(file, text, { createNew: true, mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    throw new StoreError("unavailable", `Cannot write ${file}: it exists already`, error);
  }
}
