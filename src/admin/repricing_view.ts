import { z } from "zod";
import { listRepricings, type Repricing } from "../store/repricing_store.ts";
import type { UsageDeps } from "./usage_deps.ts";

export const repricingAnswer = z.object({
  id: z.string(),
  fromMs: z.number(),
  toMs: z.number(),
  /** `done` at the end. */
  phase: z.string(),
  /** How many rows it has looked at. */
  rows: z.number(),
  createdAtMs: z.number(),
  endedMs: z.number().nullable(),
});

/** So many stand on the page. */
export const SHOWN_REPRICINGS = 5;

/** The latest ones, the newest first. */
export async function lastRepricings({ db }: Pick<UsageDeps, "db">, limit = SHOWN_REPRICINGS) {
  return (await listRepricings(db, limit)).map(repricingView);
}

export function repricingView({ id, fromMs, toMs, phase, rows, createdAtMs, endedMs }: Repricing) {
  return { id, fromMs, toMs, phase, rows, createdAtMs, endedMs: endedMs ?? null };
}
