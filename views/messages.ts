import { accountsEn } from "./messages/accounts.en.ts";
import { accountsZh } from "./messages/accounts.zh.ts";
import { aliasesEn } from "./messages/aliases.en.ts";
import { aliasesZh } from "./messages/aliases.zh.ts";
import { appStatusEn } from "./messages/app_status.en.ts";
import { appStatusZh } from "./messages/app_status.zh.ts";
import { auditEn } from "./messages/audit.en.ts";
import { auditZh } from "./messages/audit.zh.ts";
import { clientKeysEn } from "./messages/client_keys.en.ts";
import { clientKeysZh } from "./messages/client_keys.zh.ts";
import { faultsEn } from "./messages/faults.en.ts";
import { faultsZh } from "./messages/faults.zh.ts";
import { firstRunEn } from "./messages/first_run.en.ts";
import { firstRunZh } from "./messages/first_run.zh.ts";
import { groupsEn } from "./messages/groups.en.ts";
import { groupsZh } from "./messages/groups.zh.ts";
import { importKeysEn } from "./messages/import_keys.en.ts";
import { importKeysZh } from "./messages/import_keys.zh.ts";
import { keysEn } from "./messages/keys.en.ts";
import { keysZh } from "./messages/keys.zh.ts";
import { layoutEn } from "./messages/layout.en.ts";
import { layoutZh } from "./messages/layout.zh.ts";
import { overviewEn } from "./messages/overview.en.ts";
import { overviewZh } from "./messages/overview.zh.ts";
import { partsEn } from "./messages/parts.en.ts";
import { partsZh } from "./messages/parts.zh.ts";
import { playgroundEn } from "./messages/playground.en.ts";
import { playgroundZh } from "./messages/playground.zh.ts";
import { pricesEn } from "./messages/prices.en.ts";
import { pricesZh } from "./messages/prices.zh.ts";
import { providersEn } from "./messages/providers.en.ts";
import { providersZh } from "./messages/providers.zh.ts";
import { requestsEn } from "./messages/requests.en.ts";
import { requestsZh } from "./messages/requests.zh.ts";
import { settingsEn } from "./messages/settings.en.ts";
import { settingsZh } from "./messages/settings.zh.ts";
import { signInEn } from "./messages/sign_in.en.ts";
import { signInZh } from "./messages/sign_in.zh.ts";
import { usageEn } from "./messages/usage.en.ts";
import { usageZh } from "./messages/usage.zh.ts";

export const LANGUAGES = ["en", "zh"] as const;
export type Language = typeof LANGUAGES[number];

/** What a language is called by those who speak it. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: "English", zh: "中文" };

/** English is the type: a message that Chinese lacks fails the type check. */
const en = {
  accounts: accountsEn,
  aliases: aliasesEn,
  appStatus: appStatusEn,
  audit: auditEn,
  clientKeys: clientKeysEn,
  faults: faultsEn,
  firstRun: firstRunEn,
  groups: groupsEn,
  importKeys: importKeysEn,
  keys: keysEn,
  layout: layoutEn,
  overview: overviewEn,
  parts: partsEn,
  playground: playgroundEn,
  prices: pricesEn,
  providers: providersEn,
  requests: requestsEn,
  settings: settingsEn,
  signIn: signInEn,
  usage: usageEn,
};

export type Messages = typeof en;

const zh: Messages = {
  accounts: accountsZh,
  aliases: aliasesZh,
  appStatus: appStatusZh,
  audit: auditZh,
  clientKeys: clientKeysZh,
  faults: faultsZh,
  firstRun: firstRunZh,
  groups: groupsZh,
  importKeys: importKeysZh,
  keys: keysZh,
  layout: layoutZh,
  overview: overviewZh,
  parts: partsZh,
  playground: playgroundZh,
  prices: pricesZh,
  providers: providersZh,
  requests: requestsZh,
  settings: settingsZh,
  signIn: signInZh,
  usage: usageZh,
};

/** Every text of the dashboard, by page. */
export const MESSAGES: Readonly<Record<Language, Messages>> = { en, zh };
