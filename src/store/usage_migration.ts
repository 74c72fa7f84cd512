/**
 * The tables of usage, as the fifth version of the schema has them; never edited (migrations.ts).
 *
 * Ids of providers and keys, slugs and models stand as small numbers (`names`), so that ten million rows stay small
 * and sums are over integers. `at` is a number of minutes, hours or days since the epoch. There are three families:
 * `usage` without and `key_usage` with the provider key (of which there may be 100,000, so that what no question
 * about keys needs is summed from far fewer rows), and `latency` with histograms.
 */
export const USAGE_MIGRATION: readonly string[] = usageMigration();

function usageMigration(): string[] {
  const counts = [
    "requests",
    "succeeded",
    "refused",
    "interrupted",
    "client_gone",
    "streams",
    "attempts",
    "failures",
    "key_dead",
    "key_limited",
    "key_exhausted",
    "model_denied",
    "request_too_big",
    "request_bad",
    "provider_down",
    "caller_left",
    "ok_empty",
    "egress_refused",
    "metered",
    "unpriced",
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "cache_write_tokens",
    "cache_write_hour_tokens",
    "reasoning_tokens",
    "audio_input_tokens",
    "audio_output_tokens",
    "image_input_tokens",
    "image_output_tokens",
    "cost_nano_dollars",
    "duration_ms",
  ];
  const buckets = Array.from({ length: 64 }, (_, bucket) => `b${bucket}`);
  // The second column of each is what a roll-up goes through piece by piece.
  const families = [
    ["usage", ["client_key", "provider", "grp", "model", "status_class", "source"], counts],
    [
      "key_usage",
      ["provider_key", "provider", "client_key", "grp", "model", "status_class", "source"],
      counts,
    ],
    ["latency", ["client_key", "provider", "grp", "model", "measure"], buckets],
  ] as const;
  const old = "requests, failures, attempts, input_tokens, output_tokens, cached_tokens, reasoning_tokens";
  const moved = old.split(", ");
  const others = counts.filter((column) => !moved.includes(column));
  const nameOf = (column: string) => `(SELECT id FROM names WHERE name = old.${column})`;
  const taken = [
    ...moved.map((column) => `sum(old.${column})`),
    // What was counted before had no price, and every request of it an answer.
    ...others.map((column) =>
      column === "succeeded" || column === "metered" || column === "unpriced" ? "sum(old.requests)" : "0"
    ),
  ].join(", ");
  const into = [...moved, ...others].join(", ");
  return [
    "ALTER TABLE usage_minutes RENAME TO old_usage_minutes",
    "CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT",
    "INSERT INTO names (id, name) VALUES (0, '')",
    ...["provider_id", "provider_key_id", "client_key_id", "model"].map((column) =>
      `INSERT OR IGNORE INTO names (name) SELECT DISTINCT ${column} FROM old_usage_minutes`
    ),
    ...families.flatMap(([family, dimensions, sums]) =>
      ["minutes", "hours", "days"].map((level) => {
        const columns = ["at", ...dimensions, ...sums].map((column) => `${column} INTEGER NOT NULL`);
        return `CREATE TABLE ${family}_${level} (
          ${columns.join(", ")}, PRIMARY KEY (at, ${dimensions.join(", ")})
        ) STRICT, WITHOUT ROWID`;
      })
    ),
    // Up to which minute (or hour) all is in the next level, and up to which value of the second column a part of
    // that one is; and the first minute that may still be added to.
    `CREATE TABLE rollups (
      family TEXT NOT NULL,
      level TEXT NOT NULL,
      at INTEGER NOT NULL,
      done INTEGER NOT NULL,
      open_at INTEGER NOT NULL,
      PRIMARY KEY (family, level)
    ) STRICT`,
    ...families.flatMap(([family]) =>
      ["hours", "days"].map((level) =>
        `INSERT INTO rollups (family, level, at, done, open_at) VALUES ('${family}', '${level}', 0, -1, 0)`
      )
    ),
    `INSERT INTO usage_minutes (at, client_key, provider, grp, model, status_class, source, ${into})
     SELECT minute, ${nameOf("client_key_id")}, ${nameOf("provider_id")}, 0, ${
      nameOf("model")
    }, 2, 1, ${taken}
     FROM old_usage_minutes AS old GROUP BY minute, client_key_id, provider_id, model`,
    `INSERT INTO key_usage_minutes
       (at, provider_key, provider, client_key, grp, model, status_class, source, ${into})
     SELECT minute, ${nameOf("provider_key_id")}, ${nameOf("provider_id")}, ${nameOf("client_key_id")}, 0,
       ${nameOf("model")}, 2, 1, ${taken}
     FROM old_usage_minutes AS old GROUP BY minute, provider_key_id, provider_id, client_key_id, model`,
    "DROP TABLE old_usage_minutes",
    // seq is the time of writing, so that pages and retention go by it: milliseconds since the epoch times 2048.
    `CREATE TABLE request_log (
      seq INTEGER PRIMARY KEY,
      id TEXT NOT NULL,
      id_hash INTEGER NOT NULL,
      started_ms INTEGER NOT NULL,
      client_key INTEGER NOT NULL,
      grp INTEGER NOT NULL,
      model INTEGER NOT NULL,
      provider INTEGER NOT NULL,
      provider_key INTEGER NOT NULL,
      status INTEGER NOT NULL,
      outcome INTEGER NOT NULL,
      is_notable INTEGER NOT NULL,
      kinds INTEGER NOT NULL,
      scopes INTEGER NOT NULL,
      is_stream INTEGER NOT NULL,
      source INTEGER NOT NULL,
      cost_nano_dollars INTEGER,
      price_version INTEGER NOT NULL,
      detail TEXT NOT NULL
    ) STRICT`,
    "CREATE INDEX request_log_by_id ON request_log (id_hash)",
    "CREATE INDEX request_log_by_client_key ON request_log (client_key)",
    "CREATE INDEX request_log_by_provider_key ON request_log (provider_key)",
    "CREATE INDEX request_log_by_model ON request_log (model)",
    "CREATE INDEX request_log_notable ON request_log (seq) WHERE is_notable = 1",
    // Provider keys that a request tried before its last one.
    `CREATE TABLE request_log_tries (
      provider_key INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      PRIMARY KEY (provider_key, seq)
    ) STRICT, WITHOUT ROWID`,
    "CREATE INDEX request_log_tries_by_seq ON request_log_tries (seq)",
    // Counted along, because counting ten million rows takes a second.
    "CREATE TABLE request_log_size (rows INTEGER NOT NULL) STRICT",
    "INSERT INTO request_log_size (rows) VALUES (0)",
    `CREATE TABLE prices (
      id TEXT PRIMARY KEY,
      provider_id TEXT NOT NULL,
      model TEXT NOT NULL,
      valid_from_ms INTEGER NOT NULL,
      price TEXT,
      source TEXT NOT NULL,
      created_at_ms INTEGER NOT NULL
    ) STRICT`,
    "CREATE INDEX prices_by_model ON prices (provider_id, model, valid_from_ms)",
    `CREATE TABLE repricings (
      id TEXT PRIMARY KEY,
      from_ms INTEGER NOT NULL,
      to_ms INTEGER NOT NULL,
      phase TEXT NOT NULL,
      cursor INTEGER NOT NULL,
      rows INTEGER NOT NULL,
      created_at_ms INTEGER NOT NULL,
      ended_ms INTEGER
    ) STRICT`,
  ];
}
