import type { z } from "zod";
import { AppError } from "../errors.ts";

/**
 * The value in its shape.
 * @param at the caller's path of the value: `input[2].content`; "" for the whole body
 * @throws {AppError} `invalid_request` with the path of the first member that is wrong, as message and as `param`
 */
export function shaped<T>(schema: z.ZodType<T>, value: unknown, at: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = deepest(parsed.error.issues[0]);
  // The schema's message names types and allowed words, never the value.
  refuseShape(path.reduce<string>(pathTo, at), message.replace(/^Invalid (?:input|option): /, ""));
}

/** @throws {AppError} always: `invalid_request` that names the member by its path. */
export function refuseShape(path: string, why: string): never {
  throw new AppError("invalid_request", `Cannot read ${path === "" ? "body" : path}: ${why}`, {
    details: { param: path === "" ? null : path },
  });
}

/** Whether a member says anything: SDKs write `null` where they mean nothing. */
export function isGiven<T>(value: T): value is NonNullable<T> {
  return value !== undefined && value !== null;
}

interface Found {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Of a union the branch that got furthest says what is wrong: the caller meant that one. */
function deepest(issue: z.core.$ZodIssue | undefined): Found {
  if (issue === undefined) return { path: [], message: "Invalid input" };
  let best: Found = { path: issue.path, message: issue.message };
  if (issue.code !== "invalid_union") return best;
  for (const branch of issue.errors) {
    const inner = deepest(branch[0]);
    if (inner.path.length > best.path.length - issue.path.length) {
      best = { path: [...issue.path, ...inner.path], message: inner.message };
    }
  }
  return best;
}

function pathTo(path: string, step: PropertyKey): string {
  if (typeof step === "number") return `${path}[${step}]`;
  return path === "" ? String(step) : `${path}.${String(step)}`;
}
