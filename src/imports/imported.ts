import type { GroupStrategy } from "../core/group.ts";
import type { ClientLimits } from "../core/client_limits.ts";
import type { Secret } from "../core/secret.ts";

/** What a file was recognised as. */
export const PRODUCTS = [
  "text",
  "csv",
  "json",
  "env",
  "keyturn",
  "gpt-load",
  "new-api",
  "one-api",
  "gemini-balance",
  "litellm",
  "cli-proxy-api",
  "api-key-rotator",
  "openrouter-polling",
  "gemini-pool",
  "api-proxy-system",
  "api-key-pool",
] as const;
export type Product = typeof PRODUCTS[number];

/** Where something stands in the file: a line, counted from 1, or a path like `groups[2].upstreams`. */
export type Place = number | string;

/** Everything that a file holds and Keyturn has a place for. */
export interface Imported {
  readonly product: Product;
  readonly providers: readonly ImportedProvider[];
  readonly groups: readonly ImportedGroup[];
  readonly aliases: readonly ImportedAlias[];
  readonly clientKeys: readonly ImportedClientKey[];
  /** What is not taken over, each with its reason. Holds no secret. */
  readonly leftOut: readonly LeftOut[];
}

/** A provider of the file, with its keys. */
export interface ImportedProvider {
  /** Unique in the file; what groups and client keys of the file name it by. */
  readonly ref: string;
  /** Slug of the known provider (core/presets.ts) that it is; `undefined` when it is none of them. */
  readonly preset: string | undefined;
  /** What it would like to be called; "" when the file does not tell whose keys these are. */
  readonly slug: string;
  readonly name: string;
  /**
   * Members of the API's body of a new provider, not checked yet. Without a preset and without `baseUrl` in here
   * somebody has to say which provider it is.
   */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly keys: readonly ImportedKey[];
}

/** A provider key of the file; what is left out takes its default. */
export interface ImportedKey {
  readonly secret: Secret;
  readonly place: Place;
  readonly weight?: number;
  readonly priority?: number;
  readonly isEnabled?: boolean;
  readonly account?: string;
  readonly maxRequests?: number;
  readonly tags?: readonly string[];
  readonly metadata?: Readonly<Record<string, unknown>>;
}

export interface ImportedGroup {
  readonly slug: string;
  readonly name: string;
  readonly isEnabled: boolean;
  readonly strategy: GroupStrategy;
  readonly members: readonly {
    /** `ref` of a provider of the file. */
    readonly ref: string;
    readonly tier: number;
    readonly weight: number;
    readonly isEnabled: boolean;
  }[];
}

export interface ImportedAlias {
  readonly name: string;
  readonly target: string;
  readonly contextFallback?: string;
}

/** What callers present to the other product, so that they need not be told of the move. */
export interface ImportedClientKey {
  readonly name: string;
  readonly secret: Secret;
  readonly isEnabled: boolean;
  readonly expiresAtMs?: number;
  /** Refs of providers and slugs of groups of the file; empty for all. */
  readonly targets: readonly string[];
  readonly limits: ClientLimits;
}

/** Entries that were meant to be a key and are none. */
export const MALFORMED = [
  "key_empty",
  "key_too_long",
  "key_characters",
  "weight_range",
  "unreadable_row",
] as const;

/** Why something is not taken over. */
export const LEFT_OUT_REASONS = [
  ...MALFORMED,
  /** The same key stands in the file before. */
  "repeated",
  /** Sealed by the other product: only that can open it. */
  "encrypted",
  /** Only a hash of it is kept there. */
  "hashed",
  /** The file names a variable of the environment and does not hold its value. */
  "environment_variable",
  /** An account that somebody signs in to, or a service that takes no API key. */
  "not_key_based",
  /** A kind of upstream that we do not know, without a base URL. */
  "unknown_kind",
  /** Only one base URL a provider: the weightiest is taken. */
  "extra_upstream",
  /** A way out through an HTTP or SOCKS proxy. */
  "egress_proxy",
  /** A setting that has no counterpart here. */
  "setting",
  /** Two entries of the file want different things of one provider; the first stands. */
  "conflict",
  /** A client key that could be guessed. */
  "client_key_short",
  /** Names something that is not in the file, or is not taken over. */
  "unknown_reference",
  /** Its name is taken here by something else. */
  "taken",
  /** Nobody has said whose keys these are. */
  "no_provider",
  /** A value that Keyturn does not accept. */
  "invalid",
] as const;
export type LeftOutReason = typeof LEFT_OUT_REASONS[number];

/** Something that is not taken over. */
export interface LeftOut {
  readonly place: Place;
  readonly reason: LeftOutReason;
  /** The name of what is left out: of a setting, a variable, an upstream. Text of the file, never a secret. */
  readonly what?: string;
}

/** A file that cannot be read at all; `code` says why. */
export class ImportError extends Error {
  readonly code: ImportFault;
  /** The line that it breaks off in, if it is known. */
  readonly line: number | undefined;

  constructor(code: ImportFault, line?: number) {
    super(`Cannot read the import: ${IMPORT_FAULTS[code]}${line === undefined ? "" : ` (line ${line})`}`);
    this.name = "ImportError";
    this.code = code;
    this.line = line;
  }
}

const IMPORT_FAULTS = {
  empty: "there is nothing in it",
  bad_json: "it is not valid JSON",
  bad_yaml: "it is not valid YAML",
  unknown_shape: "no keys are found in it",
  passphrase_needed: "it is sealed, and needs its passphrase",
  passphrase_wrong: "the passphrase does not open it",
  newer_version: "it was written by a newer Keyturn",
} as const;
export type ImportFault = keyof typeof IMPORT_FAULTS;

export function isMalformed(reason: LeftOutReason): boolean {
  return MALFORMED.some((each) => each === reason);
}
