import { Buffer } from "node:buffer";
import { createSecretKey, type KeyObject, randomBytes, timingSafeEqual } from "node:crypto";
import type { Secret } from "../core/secret.ts";

export interface MasterKeys {
  /** The newest one, which seals. 32 bytes; prints and serialises as an empty object. */
  readonly masterKey: KeyObject;
  /** Those that only open what they have sealed, while secrets are being sealed anew. */
  readonly previous: readonly KeyObject[];
}

export interface LoadedMasterKey extends MasterKeys {
  readonly origin: "environment" | "file" | "created";
}

/** A master key that is missing or not fit for use. */
export class MasterKeyError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "MasterKeyError";
  }
}

/** Where the master key is; the environment wins. */
export interface MasterKeySource {
  readonly fromEnv?: Secret;
  /** Beside `fromEnv`: previous ones, separated by commas or spaces. */
  readonly previousFromEnv?: Secret;
  readonly path?: string;
}

/**
 * The master key: from the environment if it stands there, else from the file, which is made (0600) on the
 * first start. Both hold 32 random bytes in base64, base64url or hex; the file one a line, the newest first.
 *
 * @throws {MasterKeyError} for a value that is too short or plainly not random, and when there is neither.
 */
export async function loadMasterKey(source: MasterKeySource): Promise<LoadedMasterKey> {
  const { fromEnv, previousFromEnv, path } = source;
  if (fromEnv !== undefined) {
    const previous = wordsOf(previousFromEnv?.reveal() ?? "");
    return {
      masterKey: parseMasterKey(fromEnv.reveal(), "from the environment"),
      previous: previous.map((word) => parseMasterKey(word, "among the previous ones of the environment")),
      origin: "environment",
    };
  }
  if (path === undefined) {
    throw new MasterKeyError("Cannot load master key: neither an environment value nor a file is configured");
  }
  const stored = await readIfThere(path);
  if (stored !== undefined) return { ...parseMasterKeys(stored, path), origin: "file" };
  const masterKey = createMasterKey();
  await writeMasterKeys(path, [masterKey]);
  return { masterKey, previous: [], origin: "created" };
}

/** The master keys of a file, or `undefined` when there is none. @throws {MasterKeyError} for a file that is unfit. */
export async function readMasterKeyFile(path: string): Promise<MasterKeys | undefined> {
  const stored = await readIfThere(path);
  return stored === undefined ? undefined : parseMasterKeys(stored, path);
}

/** A new master key of 256 random bits. */
export function createMasterKey(): KeyObject {
  return createSecretKey(randomBytes(KEY_BYTES));
}

/** `KeyObject.equals` came to Deno after 2.5. */
export function isSameMasterKey(one: KeyObject, other: KeyObject): boolean {
  return timingSafeEqual(one.export(), other.export());
}

/** Replaces the file whole (0600): the newest first, one a line. */
export async function writeMasterKeys(path: string, masterKeys: readonly KeyObject[]): Promise<void> {
  await writeWhole(path, masterKeys.map((each) => each.export().toString("base64") + "\n").join(""));
}

/**
 * Follows the file while another process may write it: gives what stands there when it was replaced since it was
 * last asked, and `undefined` when it was not, or cannot be read now.
 */
export function followMasterKeyFile(path: string): () => MasterKeys | undefined {
  const stampOf = () => {
    const { mtime, ino, size } = Deno.statSync(path);
    return `${mtime?.getTime()} ${ino} ${size}`;
  };
  let seen = stampOf();
  return () => {
    try {
      const stamp = stampOf();
      if (stamp === seen) return undefined;
      const loaded = parseMasterKeys(Deno.readTextFileSync(path), path);
      seen = stamp;
      return loaded;
    } catch {
      // Gone or broken: what is known already goes on to serve, and the next start tells what is wrong.
      return undefined;
    }
  };
}

const KEY_BYTES = 32;
/** 32 random bytes have about 30 different values; fewer than 16 happen once in 10^13 keys. */
const MIN_DIFFERENT_BYTES = 16;

function parseMasterKeys(text: string, path: string): MasterKeys {
  const [masterKey, ...previous] = wordsOf(text).map((word) => parseMasterKey(word, `in ${path}`));
  // An empty file is told like any other that holds no key.
  return { masterKey: masterKey ?? parseMasterKey("", `in ${path}`), previous };
}

function wordsOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}

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
