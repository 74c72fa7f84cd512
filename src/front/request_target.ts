import { BadRequest } from "./bad_request.ts";

const VISIBLE = /^[\x21\x22\x24-\x7e]+$/;
const ABSOLUTE = /^https?:\/\/([^/?]+)/i;

/** The authority of a target in absolute form (RFC 9112, 3.2.2); `undefined` for one in origin form. */
export function authorityOf(target: string): string | undefined {
  // Nearly every target begins with a slash.
  return target.charCodeAt(0) === SLASH ? undefined : ABSOLUTE.exec(target)?.[1];
}

/**
 * A request's target cut into path and query, neither decoded nor normalised; of one in absolute form what
 * follows its authority. `*` is the path of `OPTIONS *`.
 * @throws BadRequest for blanks, control characters, bytes over 126, a fragment, and every other form.
 */
export function splitTarget(target: string, method: string): { path: string; query: string } {
  if (!VISIBLE.test(target)) throw new BadRequest(400, "bad target");
  const rest = target.charCodeAt(0) === SLASH ? target : restOf(target, method);
  const query = rest.indexOf("?");
  if (query === -1) return { path: rest, query: "" };
  return { path: rest.slice(0, query), query: rest.slice(query + 1) };
}

function restOf(target: string, method: string): string {
  if (target === "*" && method === "OPTIONS") return target;
  const prefix = ABSOLUTE.exec(target)?.[0];
  if (prefix === undefined) throw new BadRequest(400, "bad target");
  const rest = target.slice(prefix.length);
  return rest.startsWith("/") ? rest : `/${rest}`;
}

const SLASH = 47;
