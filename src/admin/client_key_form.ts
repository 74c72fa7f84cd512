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
  } satisfies Record<keyof ClientLimits, z.ZodType>,
).partial();

const network = z.string().max(100).refine(
  (entry) => parseNetworkList([entry]).badEntries.length === 0,
  "is no IP address or CIDR network",
);

const clientKeyFields = z.strictObject({
  name: z.string().min(1).max(200),
  isEnabled: z.boolean(),
  expiresAtMs: z.number().int().positive().nullable(),
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
  const { expiresAtMs = clientKey.expiresAtMs, limits: changes, ...given } = form;
  const { expiresAtMs: _, ...kept } = clientKey;
  return {
    ...kept,
    ...withoutUndefined(given),
    ...(typeof expiresAtMs === "number" && { expiresAtMs }),
    limits: changeLimits(clientKey.limits ?? {}, changes ?? {}),
  };
}

function changeLimits(standing: ClientLimits, changes: z.infer<typeof limits>): ClientLimits {
  const merged = Object.entries({ ...standing, ...withoutUndefined(changes) });
  return Object.fromEntries(merged.filter(([, value]) => value !== null));
}
