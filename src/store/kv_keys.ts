/** Every path in Deno KV. Health and cursors stand under their provider, so that it can be dropped whole. */
export const kvKeys = {
  /** Prefix of the health of all keys, or of one provider's. */
  healthOf: (providerId?: string): Deno.KvKey =>
    providerId === undefined ? ["health"] : ["health", providerId],
  health: (providerId: string, keyId: string): Deno.KvKey => ["health", providerId, keyId],
  cursor: (providerId: string): Deno.KvKey => ["cursor", providerId],
} as const;
