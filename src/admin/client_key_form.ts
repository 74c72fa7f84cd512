import { z } from "zod";
import type { ClientKey } from "../core/client_key.ts";
import type { ClientLimits } from "../core/client_limits.ts";
import { keyFault } from "../core/key_list.ts";
import { parseNetworkList } from "../core/network_list.ts";
import { withoutUndefined } from "./provider_form.ts";

/** Fewer characters could be guessed. */
const MIN_OWN_KEY_LENGTH = 16;

const ownKey = z.string().superRefine((value, context) => {
  const fault = keyFault(value) ??
    (value.length < MIN_OWN_KEY_LENGTH ? `key has fewer than ${MIN_OWN_KEY_LENGTH} characters` : undefined);
  if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
});

const count = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);

/** To a thousandth of a cent, so that they are whole nano-dollars; as many as those can count. */
const dollars = z.number().min(0.00001).max(9_000_000);

/** `null` takes a limit away. */
const limits = z.strictObject(
  {
    requestsPerMinute: count.nullable(),
    tokensPerMinute: count.nullable(),
    concurrency: count.nullable(),
    requestsPerDay: count.nullable(),
    requestsPerMonth: count.nullable(),
    tokensPerDay: count.nullable(),
    tokensPerMonth: count.nullable(),
    nanoDollarsPerDay: count.nullable(),
    nanoDollarsPerMonth: count.nullable(),
    // The same in dollars, for people; they win over the ones above.
    dollarsPerDay: dollars.nullable(),
    dollarsPerMonth: dollars.nullable(),
  } satisfies Record<keyof ClientLimits | "dollarsPerDay" | "dollarsPerMonth", z.ZodType>,
).partial();

const network = z.string().max(100).refine(
  (entry) => parseNetworkList([entry]).badEntries.length === 0,
  "is no IP address or CIDR network",
);

const clientKeyFields = z.strictObject({
  name: z.string().min(1).max(200),
  isEnabled: z.boolean(),
  expiresAtMs: z.number().int().positive().nullable(),
  /** The same as ISO 8601, UTC unless it says otherwise; it wins over `expiresAtMs`. */
  expiresAt: z.iso.datetime({ local: true, offset: true }).nullable(),
  /** Slugs of providers and groups. */
  targets: z.array(z.string().max(63)).max(1000),
  models: z.array(z.string().min(1).max(200)).max(1000),
  networks: z.array(network).max(1000),
  limits,
});

/** Body of a new client key; `key` is for an owner who brings his own. */
export const newClientKeyForm = clientKeyFields.extend({ key: ownKey }).partial().required({ name: true });
/** Body of a change: what is left out stays, also among the limits; `null` takes expiry or a limit away. */
export const clientKeyForm = clientKeyFields.partial();

const MAX_GRACE_SECONDS = 30 * 86_400;

/** Body of a rotation. Without a grace the old key ends at once. */
export const rotationForm = z.strictObject({
  graceSeconds: z.number().int().min(0).max(MAX_GRACE_SECONDS).default(0),
  key: ownKey.exactOptional(),
});

/** The client key with what was given in the place of what it had. */
export function changeClientKey<T extends Partial<ClientKey>>(
  clientKey: T,
  form: z.infer<typeof clientKeyForm>,
): Omit<T, "expiresAtMs"> & Pick<ClientKey, "expiresAtMs" | "limits"> {
  const { expiresAt, expiresAtMs: givenMs, limits: changes, ...given } = form;
  const statedMs = typeof expiresAt === "string" ? momentOf(expiresAt) : expiresAt;
  const expiresAtMs = [statedMs, givenMs, clientKey.expiresAtMs].find((each) => each !== undefined);
  const { expiresAtMs: _, ...kept } = clientKey;
  return {
    ...kept,
    ...withoutUndefined(given),
    ...(typeof expiresAtMs === "number" && { expiresAtMs }),
    limits: changeLimits(clientKey.limits ?? {}, changes ?? {}),
  };
}

/** Without a zone it is UTC, where `Date` would take that of the machine. */
function momentOf(text: string): number {
  return Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);
}

function changeLimits(standing: ClientLimits, changes: z.infer<typeof limits>): ClientLimits {
  const { dollarsPerDay, dollarsPerMonth, ...counts } = changes;
  const merged = Object.entries({
    ...standing,
    ...withoutUndefined(counts),
    ...withoutUndefined({
      nanoDollarsPerDay: nanoDollars(dollarsPerDay),
      nanoDollarsPerMonth: nanoDollars(dollarsPerMonth),
    }),
  });
  return Object.fromEntries(merged.filter(([, value]) => value !== null));
}

function nanoDollars(amount: number | null | undefined): number | null | undefined {
  return typeof amount === "number" ? Math.round(amount * 1e9) : amount;
}
