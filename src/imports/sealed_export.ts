import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from "node:crypto";
import { z } from "zod";
import type { Secret } from "../core/secret.ts";
import { ImportError } from "./imported.ts";
import { EXPORT_FORMAT, EXPORT_VERSION } from "./keyturn_export.ts";

/** N = 2^16, r = 8, p = 1: some 64 MB and 0.2 s a guess (RFC 7914; OWASP Password Storage Cheat Sheet asks for 2^17 or its like). */
const COST = { N: 65_536, r: 8, p: 1 } as const;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

const sealed = z.looseObject({
  format: z.literal(EXPORT_FORMAT),
  version: z.number(),
  sealed: z.strictObject({
    kdf: z.literal("scrypt"),
    // What a stranger's file may make us compute is bounded.
    cost: z.strictObject({
      N: z.number().int().min(2).max(131_072),
      r: z.number().int().min(1).max(8),
      p: z.number().int().min(1).max(4),
    }),
    salt: z.string(),
    body: z.string(),
  }),
});

/** Whether an export is sealed, and opens with a passphrase alone. */
export function isSealedExport(value: unknown): boolean {
  return sealed.safeParse(value).success;
}

/**
 * An export that only its passphrase opens: scrypt, then AES-256-GCM over the JSON text, with the form's name and
 * version as additional data.
 */
export async function sealExport(text: string, passphrase: Secret): Promise<string> {
  const salt = randomBytes(16);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", await deriveKey(passphrase, salt, COST), nonce);
  cipher.setAAD(boundTo(EXPORT_VERSION));
  const body = Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
  const envelope = {
    format: EXPORT_FORMAT,
    version: EXPORT_VERSION,
    sealed: { kdf: "scrypt", cost: COST, salt: salt.toString("base64"), body: body.toString("base64") },
  };
  return `${JSON.stringify(envelope, null, 2)}\n`;
}

/**
 * The JSON text of a sealed export.
 *
 * @throws {ImportError} `passphrase_wrong`, also for a file that was changed
 */
export async function openExport(value: unknown, passphrase: Secret): Promise<string> {
  const { version, sealed: { cost, salt, body } } = sealed.parse(value);
  if (version > EXPORT_VERSION) throw new ImportError("newer_version");
  const bytes = Buffer.from(body, "base64");
  if (bytes.length < NONCE_BYTES + TAG_BYTES) throw new ImportError("passphrase_wrong");
  const key = await deriveKey(passphrase, Buffer.from(salt, "base64"), cost);
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(boundTo(version));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const plain = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    return Buffer.concat([plain, decipher.final()]).toString("utf8");
  } catch {
    // Translated: the cipher only says that the tag does not fit.
    throw new ImportError("passphrase_wrong");
  }
}

function boundTo(version: number): Uint8Array {
  return Buffer.from(`${EXPORT_FORMAT}/export/v${version}`);
}

function deriveKey(
  passphrase: Secret,
  salt: Uint8Array,
  cost: { readonly N: number; readonly r: number; readonly p: number },
): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  scrypt(passphrase.reveal(), salt, KEY_BYTES, { ...cost, maxmem: 256 * 1024 * 1024 }, (error, key) => {
    if (error === null) resolve(key);
    else reject(error);
  });
  return promise;
}
