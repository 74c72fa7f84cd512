const n = (count: number) => count.toLocaleString("en-US");
const keys = (count: number) => count === 1 ? "1 key" : `${n(count)} keys`;

/** The page Overview. */
export const overviewEn = {
  title: "Overview",
  health: {
    title: "Health",
    states: { empty: "Not set up", good: "Healthy", partly: "Degraded", down: "Not serving" },
    empty: "No provider keys are in use, so that no request can be served yet.",
    good: (providers: number, ready: number, total: number) =>
      providers === 1
        ? `The provider can serve: ${n(ready)} of ${keys(total)} ready.`
        : `All ${n(providers)} providers can serve: ${n(ready)} of ${keys(total)} ready.`,
    partly: (able: number, providers: number) => `${n(able)} of ${n(providers)} providers can serve.`,
    down: "No provider can serve now.",
    weakest: (name: string, ready: number, total: number) => `${name}: ${n(ready)} of ${keys(total)} ready`,
    weakestDown: (name: string) => `${name} does not answer`,
    /** A countdown follows. */
    nextIn: "the next one in",
    triedIn: "tried again in",
  },
  capacity: {
    title: "Capacity",
    provider: "Provider",
    keys: "Keys",
    next: "Next key back",
    inFlight: "In flight",
    all: (count: number) => `All ${n(count)} providers`,
    off: "switched off",
    noKeys: "no keys",
    down: "not answering",
    ready: (ready: number, total: number) => `${n(ready)} of ${n(total)} ready`,
    resting: (model: string, count: number) => `${model}: ${keys(count)} resting`,
  },
  attention: {
    title: "Needs attention",
    none: "Nothing needs your attention.",
    severe: "Urgent",
    notice: "Notice",
    more: (count: number) => count === 1 ? "and 1 more" : `and ${n(count)} more`,
    texts: {
      no_client_key: () => "There is no client key, so that nobody can use the proxy.",
      open_to_all: () => "Anybody who reaches this address may use the proxy without a client key.",
      no_https: () => "This page is read without https: passwords and keys can be listened to on the way.",
      shared_cause: (it: Told) =>
        `${it.name} refuses all keys alike. The cause is probably the base URL or this server's address, so that no key is blamed.`,
      breaker_open: (it: Told) => `${it.name} does not answer. It is tried again in`,
      none_ready: (it: Told) =>
        it.untilMs === null
          ? `None of the ${keys(it.total)} of ${it.name} is ready, and none comes back by itself.`
          : `None of the ${keys(it.total)} of ${it.name} is ready. The next one is back in`,
      model_resting: (it: Told, model: string) =>
        `No key of ${it.name} may be asked for ${model} now. The next one is back in`,
      keys_sealed: (it: Told) =>
        `${keys(it.count)} of ${it.name} cannot be opened with the present master key.`,
      keys_rejected: (it: Told) =>
        `${keys(it.count)} of ${it.name} ${it.count === 1 ? "is" : "are"} rejected.`,
      provider_empty: (it: Told) => `${it.name} has no keys.`,
      budget: (it: Told, percent: string, limit: string) =>
        it.isSevere
          ? `The client key ${it.name} has used up its ${limit}. It is free again in`
          : `The client key ${it.name} has used ${percent} of its ${limit}. It is free again in`,
      client_key_expiring: (it: Told) => `The client key ${it.name} expires in`,
      unpriced: (it: Told) =>
        it.count === 1
          ? "1 model has no price, and is missing in the costs:"
          : `${n(it.count)} models have no price, and are missing in the costs:`,
      statistics_stuck: (it: Told) =>
        `Statistics cannot be written: ${n(it.count)} rows wait for the database.`,
    },
    fixes: {
      no_client_key: "Make a client key",
      open_to_all: "Make a client key",
      no_https: "App status",
      shared_cause: "Check the provider",
      breaker_open: "See the failures",
      none_ready: "See the keys",
      model_resting: "See the keys",
      keys_sealed: "See the keys",
      keys_rejected: "See the keys",
      provider_empty: "Add keys",
      budget: "Change the limit",
      client_key_expiring: "Change the date",
      unpriced: "Set prices",
      statistics_stuck: "App status",
    },
    limits: {
      requestsPerMinute: "requests a minute",
      tokensPerMinute: "tokens a minute",
      requestsPerDay: "requests a day",
      requestsPerMonth: "requests a month",
      tokensPerDay: "tokens a day",
      tokensPerMonth: "tokens a month",
      nanoDollarsPerDay: "budget of the day",
      nanoDollarsPerMonth: "budget of the month",
    },
  },
  figures: {
    title: "Traffic and cost",
    range: "Stretch of time",
    ranges: { "1h": "1 hour", "24h": "24 hours", "7d": "7 days", "30d": "30 days" },
    success: "Success",
    callers: "for callers",
    attempts: "of attempts",
    successNote: (failed: number, unanswered: number) =>
      failed === 0
        ? "No attempt has failed"
        : `${n(failed)} failed ${failed === 1 ? "attempt" : "attempts"}, ${n(unanswered)} felt by callers`,
    firstToken: "Time to first token",
    answer: "Time to answer",
    p50: "median",
    p95: "95%",
    streams: (count: number) => count === 1 ? "of 1 stream" : `of ${n(count)} streams`,
    answers: (count: number) => count === 1 ? "of 1 answer" : `of ${n(count)} answers`,
    requests: "Requests",
    refused: (count: number) => `${n(count)} refused`,
    left: (count: number) => `${n(count)} given up by their callers`,
    noTrouble: "None refused",
    today: "Cost today",
    month: (amount: string) => `${amount} this month`,
    unpriced: (percent: string) => `${percent} of requests have no price`,
    estimated: (percent: string) => `${percent} is estimated`,
    none: "No requests in this stretch",
    failuresTitle: "Failed attempts by what they were about",
    requestsTitle: "Requests",
    succeeded: "answered",
    failed: "not answered",
    scopes: {
      key: "key",
      key_model: "key and model",
      account: "account",
      upstream: "provider",
      egress: "our address",
      request: "request",
      client: "caller left",
    },
    noFailures: "No attempt has failed",
    utc: "UTC",
    now: "now",
    column: (from: string, name: string, count: number) => `${from}, ${name}: ${n(count)}`,
    models: "Most used models",
    clientKeys: "Most active client keys",
    name: { model: "Model", clientKey: "Client key" },
    count: "Requests",
    tokens: "Tokens",
    cost: "Cost",
    noModel: "(none)",
    anonymous: "(anonymous)",
    gone: "(deleted)",
    noPrice: "no price",
  },
  running: {
    title: "Under way",
    hint: "Requests that take more than a moment, on this instance",
    none: "Nothing is under way.",
    more: (count: number) => count === 1 ? "1 more is not shown" : `${n(count)} more are not shown`,
    model: "Model",
    client: "Client key",
    provider: "Provider and key",
    attempt: "Attempt",
    since: "For",
    state: "State",
    actions: "Actions",
    states: { waiting: "waiting for a key", asking: "asking", answering: "answering" },
    cancel: "Cancel",
    cancelOf: (what: string) => `Cancel the request for ${what}`,
    anyModel: "no model",
    anonymous: "anonymous",
    cancelled: "The request was cancelled",
    isOver: "Cannot cancel this request: it is over",
  },
};

/** What a text of something that needs attention may tell. */
interface Told {
  readonly name: string | null;
  readonly count: number;
  readonly total: number;
  readonly untilMs: number | null;
  readonly isSevere: boolean;
}

export type OverviewMessages = typeof overviewEn;
