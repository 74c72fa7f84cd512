/** No server: what a path is resolved against, to see where it leads. */
const NOWHERE = "http://keyturn.invalid";

/**
 * A path of ours to go on to, or `otherwise`. Read by the same parser that a browser uses, because `//evil`,
 * `/\evil` and a tab inside all lead away (oauth2-proxy's list of open redirects).
 */
export function ownPath(next: string | undefined, otherwise: string): string {
  if (next === undefined || !next.startsWith("/") || !URL.canParse(next, NOWHERE)) return otherwise;
  const { origin, pathname, search } = new URL(next, NOWHERE);
  const isOurs = origin === NOWHERE && /^\/admin(?:\/|$)/.test(pathname);
  return isOurs ? pathname + search : otherwise;
}
