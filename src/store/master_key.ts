import { Buffer } from "node:buffer";
import { createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import type { Secret } from "../core/secret.ts";

export interface LoadedMasterKey {
  /** 32 bytes; prints and serialises as an empty object. */
  readonly masterKey: KeyObject;
  readonly origin: "environment" | "file" | "created";
}

/** A master key that is missing or not fit for use. */
export class MasterKeyError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "MasterKeyError";
  }
}

/**
 * The master key: from the environment if it stands there, else from the file, which is made (0600) on the
 * first start. Both hold 32 random bytes in base64, base64url or hex.
 *
 * @throws {MasterKeyError} for a value that is too short or plainly not random, and when there is neither.
 */
export async function loadMasterKey(
  source: { readonly fromEnv?: Secret; readonly path?: string },
): Promise<LoadedMasterKey> {
  if (source.fromEnv !== undefined) {
    return {
      masterKey: parseMasterKey(source.fromEnv.reveal(), "from the environment"),
      origin: "environment",
    };
  }
  if (source.path === undefined) {
    throw new MasterKeyError("Cannot load master key: neither an environment value nor a file is configured");
  }
  const stored = await readIfThere(source.path);
  if (stored !== undefined) {
    return { masterKey: parseMasterKey(stored, `in ${source.path}`), origin: "file" };
  }
  const bytes = randomBytes(KEY_BYTES);
  await writeWhole(source.path, bytes.toString("base64") + "\n");
  return { masterKey: createSecretKey(bytes), origin: "created" };
}

const KEY_BYTES = 32;
/** 32 random bytes have about 30 different values; fewer than 16 happen once in 10^13 keys. */
const MIN_DIFFERENT_BYTES = 16;

function parseMasterKey(encoded: string, where: string): KeyObject {
  const bytes = decode(encoded.trim());
  if (bytes?.length !== KEY_BYTES) {
    throw new MasterKeyError(
      `Cannot use master key ${where}: it must be 32 random bytes in base64 or hex, as \`openssl rand -base64 32\` gives`,
    );
  }
  if (new Set(bytes).size < MIN_DIFFERENT_BYTES) {
    throw new MasterKeyError(
      `Cannot use master key ${where}: it is a default or repeated value, not a random one`,
    );
  }
  return createSecretKey(bytes);
}

function decode(text: string): Buffer | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, "hex");
  if (/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return Buffer.from(text, "base64");
  return undefined;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    // Only a first start may make a new key: one that cannot be read must not be replaced.
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new MasterKeyError(`Cannot read master key in ${path}: it is no file, or not ours to read`);
  }
}

/** Whole or not at all: a key file cut short by a crash would lock every secret away. */
async function writeWhole(path: string, content: string): Promise<void> {
  const unfinished = `${path}.new`;
  const file = await Deno.open(unfinished, { write: true, create: true, truncate: true, mode: 0o600 });
  try {
    await file.write(new TextEncoder().encode(content));
    await file.sync();
  } finally {
    file.close();
  }
  await Deno.rename(unfinished, path);
}
