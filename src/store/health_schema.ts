import { z } from "zod";
import type { KeyHealth, ModelRest } from "../core/health.ts";
import { KIND_CODES } from "./request_log_codes.ts";

const sources = z.enum(["header", "body", "calendar", "ladder", "manual", "quota"]);
const causes = z.enum(KIND_CODES);
const time = z.number();

// `satisfies` makes the compiler ask for a field that is new in the type, even an optional one.
const modelRestSchema = z.object(
  {
    ladderStep: z.number(),
    steppedAtMs: time.exactOptional(),
    untilMs: time,
    source: sources,
    cause: causes,
    rule: z.string(),
    reason: z.string().exactOptional(),
    sinceMs: time,
  } satisfies Record<keyof ModelRest, z.ZodType>,
);

/** The health of a key as Deno KV holds it. A field that this version does not know is dropped. */
export const healthSchema: z.ZodType<KeyHealth> = z.object(
  {
    state: z.enum(["ready", "cooling", "exhausted", "rejected"]),
    untilMs: time.exactOptional(),
    statedUntilMs: time.exactOptional(),
    source: sources.exactOptional(),
    cause: causes.exactOptional(),
    rule: z.string().exactOptional(),
    reason: z.string().exactOptional(),
    sinceMs: time.exactOptional(),
    releasedAtMs: time.exactOptional(),
    consecutiveFailures: z.number(),
    isReturning: z.boolean(),
    lastSuccessMs: time.exactOptional(),
    lastFailureMs: time.exactOptional(),
    usedCount: z.number(),
    ladderStep: z.number(),
    steppedAtMs: time.exactOptional(),
    models: z.record(z.string(), modelRestSchema),
  } satisfies Record<keyof KeyHealth, z.ZodType>,
);
