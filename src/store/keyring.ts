import { Buffer } from "node:buffer";
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { Secret } from "../core/secret.ts";

/** Seals provider keys for the database. Everything is synchronous and some 20 µs a call. */
export interface Keyring {
  /** The sealed text for the row `rowId` of provider_keys; different each time. */
  seal(plain: Secret, rowId: string): string;
  /**
   * @throws {SealError} when the text was sealed with another master key, for another row, or was changed.
   */
  open(sealed: string, rowId: string): Secret;
  /** The same for the same secret, and worth nothing without the master key: finds duplicates. */
  fingerprint(secret: Secret): string;
  /** Whether the text was sealed with the newest master key, and not with a previous one. */
  isCurrent(sealed: string): boolean;
  /** 32 bytes for one other purpose, from the newest master key (HKDF, RFC 5869): e.g. `client_key_hash`. */
  deriveKey(purpose: string): Uint8Array;
}

/** `other_key`: sealed with a master key we do not have. `broken`: changed, or moved from another row. */
export type SealFault = "format" | "other_key" | "broken";

/** A sealed secret that does not open. There is no fallback: the row stays unusable until it is set again. */
export class SealError extends Error {
  readonly fault: SealFault;

  constructor(fault: SealFault, rowId: string) {
    super(`Cannot open sealed secret of ${rowId}: ${SEAL_FAULTS[fault]}`);
    this.name = "SealError";
    this.fault = fault;
  }
}

/**
 * A keyring of the newest master key and, while secrets are being sealed anew, the ones before it.
 * A sealed text is `v1.<id of the master key>.<nonce, ciphertext and tag in base64url>`: AES-256-GCM with a
 * random 96-bit nonce (NIST SP 800-38D §8.2.2: at most 2^32 seals a key), bound to table, row and version.
 */
export function createKeyring(masterKey: KeyObject, previous: readonly KeyObject[] = []): Keyring {
  const current = sealKeys(masterKey);
  const known = new Map([...previous.map(sealKeys), current].map((keys) => [keys.id, keys]));
  const fingerprintKey = deriveFrom(masterKey, "provider_key_fingerprint");
  return {
    seal(plain, rowId) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", current.key, nonce);
      cipher.setAAD(boundTo(rowId));
      const body = [nonce, cipher.update(plain.reveal(), "utf8"), cipher.final(), cipher.getAuthTag()];
      return `${VERSION}.${current.id}.${Buffer.concat(body).toString("base64url")}`;
    },
    open(sealed, rowId) {
      const [version, id = "", body = "", ...rest] = sealed.split(".");
      const bytes = Buffer.from(body, "base64url");
      if (version !== VERSION || rest.length > 0 || bytes.length < NONCE_BYTES + TAG_BYTES) {
        throw new SealError("format", rowId);
      }
      const keys = known.get(id);
      if (keys === undefined) throw new SealError("other_key", rowId);
      return new Secret(decrypt(keys.key, bytes, rowId));
    },
    fingerprint: (secret) => createHmac("sha256", fingerprintKey).update(secret.reveal()).digest("base64url"),
    isCurrent: (sealed) => sealed.startsWith(`${VERSION}.${current.id}.`),
    deriveKey: (purpose) => deriveFrom(masterKey, purpose),
  };
}

const VERSION = "v1";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const SEAL_FAULTS: Readonly<Record<SealFault, string>> = {
  format: "it is not a sealed text of a version we know",
  other_key: "it was sealed with another master key",
  broken: "it was changed, or belongs to another row",
};

interface SealKeys {
  readonly id: string;
  readonly key: Uint8Array;
}

function sealKeys(masterKey: KeyObject): SealKeys {
  const id = Buffer.from(deriveFrom(masterKey, "master_key_id")).toString("hex").slice(0, 8);
  return { id, key: deriveFrom(masterKey, "provider_key_seal") };
}

function deriveFrom(masterKey: KeyObject, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", masterKey, new Uint8Array(0), `keyturn/v1/${purpose}`, 32));
}

function boundTo(rowId: string): Uint8Array {
  return Buffer.from(`provider_keys/${rowId}/${VERSION}`);
}

function decrypt(key: Uint8Array, bytes: Uint8Array, rowId: string): string {
  const tagAt = bytes.length - TAG_BYTES;
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(boundTo(rowId));
  decipher.setAuthTag(bytes.subarray(tagAt));
  try {
    const plain = decipher.update(bytes.subarray(NONCE_BYTES, tagAt));
    return Buffer.concat([plain, decipher.final()]).toString("utf8");
  } catch {
    // Translated: the cipher's own message only says that the tag does not fit.
    throw new SealError("broken", rowId);
  }
}
