import { AppError } from "../errors.ts";

const PLAIN = /^(?:\/[A-Za-z0-9_\-~!$&'()*+,=:@][A-Za-z0-9_\-.~!$&'()*+,=:@]*)+\/?$/;
const FORBIDDEN_ENCODED = /%(?:00|0[0-9a-f]|1[0-9a-f]|7f|2f|5c|25(?:2e|2f|5c))/i;
const ALLOWED = /^(?:[A-Za-z0-9_\-.~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})+$/;

/**
 * Checks the path of a request as it came, before anything is routed by it. The same text is then used to
 * route and to forward: nothing is decoded or normalised on the way, so nothing can mean two things.
 * @throws {AppError} `invalid_path` for dot segments (also encoded, also with `;` parameters), encoded
 * slashes, backslashes, control characters, empty segments and characters that no URL path has.
 */
export function checkPath(path: string): void {
  if (PLAIN.test(path)) return;
  const fault = faultOf(path);
  if (fault !== undefined) throw new AppError("invalid_path", `Cannot serve this path: it has ${fault}`);
}

function faultOf(path: string): string | undefined {
  if (path === "/") return undefined;
  if (!path.startsWith("/")) return "no leading slash";
  if (path.includes("\\")) return "a backslash";
  if (FORBIDDEN_ENCODED.test(path)) return "an encoded slash, backslash, dot or control character";
  if (!ALLOWED.test(path)) return "a character that must be percent-encoded, or a broken percent-encoding";
  const segments = path.split("/").slice(1);
  for (const [index, segment] of segments.entries()) {
    if (segment === "" && index < segments.length - 1) return "an empty segment";
    const bare = segment.split(";", 1)[0]?.replaceAll(/%2e/gi, ".");
    if (bare === "." || bare === "..") return "a dot segment";
    if (bare === "" && segment !== "") return "an empty segment with parameters";
  }
  return undefined;
}

/** The part of a request's URL from the path on, cut into path and query (without "?"). No fragment. */
export function splitUrl(url: string): { path: string; query: string } {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const query = url.indexOf("?", start === -1 ? 0 : start);
  if (start === -1) return { path: "/", query: "" };
  if (query === -1) return { path: url.slice(start), query: "" };
  return { path: url.slice(start, query), query: url.slice(query + 1) };
}
