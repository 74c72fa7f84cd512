import type { z } from "zod";

/** What is wrong with a body, and where. */
export interface BodyIssue {
  readonly path: readonly PropertyKey[];
  readonly kind: "unknown" | "missing" | "other";
  /** Zod's words for it. */
  readonly message: string;
}

/** The first thing that a schema objects to; of alternatives, what the one objects to that came furthest. */
export function firstIssue(error: z.ZodError): BodyIssue {
  return bodyIssue(error.issues[0], []);
}

type Issue = z.core.$ZodIssue;

function bodyIssue(issue: Issue | undefined, above: readonly PropertyKey[]): BodyIssue {
  if (issue === undefined) return { path: above, kind: "other", message: "not as expected" };
  const path = [...above, ...issue.path];
  if (issue.code === "invalid_union") {
    const issues = issue.errors.flatMap((errors) => errors.slice(0, 1));
    const deepest = issues.toSorted((one, other) => reach(other) - reach(one))[0];
    if (deepest !== undefined) return bodyIssue(deepest, path);
  }
  if (issue.code === "unrecognized_keys") {
    return { path: [...path, issue.keys[0] ?? ""], kind: "unknown", message: issue.message };
  }
  const isMissing = issue.message.endsWith("received undefined");
  return { path, kind: isMissing ? "missing" : "other", message: issue.message };
}

function reach(issue: Issue): number {
  return issue.path.length + (issue.code === "unrecognized_keys" ? 1 : 0);
}
