/** Every path in Deno KV. Health and cursors stand under their provider, so that it can be dropped whole. */
export const kvKeys = {
  /** Prefix of the health of all keys, or of one provider's. */
  healthOf: (providerId?: string): Deno.KvKey =>
    providerId === undefined ? ["health"] : ["health", providerId],
  health: (providerId: string, keyId: string): Deno.KvKey => ["health", providerId, keyId],
  /** What is used of the limits of one client key. */
  windows: (clientKeyId: string): Deno.KvKey => ["windows", clientKeyId],
  /** Wrong passwords of one address, or for one account. */
  loginFailures: (kind: "address" | "account", name: string): Deno.KvKey => ["login", kind, name],
  cursor: (providerId: string): Deno.KvKey => ["cursor", providerId],
  /** Who runs a background job, and when it ran last. */
  job: (name: string): Deno.KvKey => ["job", name],
  /** Prefix of the instances that serve from these stores. */
  instances: ["instance"],
  instance: (id: string): Deno.KvKey => ["instance", id],
  /** The models that a provider was found to have. */
  modelList: (providerId: string): Deno.KvKey => ["models", providerId],
  /** How many entries a journal between instances ever had. */
  epoch: (journal: string): Deno.KvKey => ["epoch", journal],
  /** One entry of such a journal. */
  journal: (journal: string, epoch: number): Deno.KvKey => ["journal", journal, epoch],
} as const;
