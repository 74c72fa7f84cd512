/** Whether a name matches. */
export type NameTest = (name: string) => boolean;

/**
 * Compiles patterns once: `*` stands for any characters (also none), everything else for itself. A name passes
 * when one pattern matches; without patterns every name passes. Each pattern is a walk from left to right that
 * takes the first place that fits, so no pattern makes it slow.
 */
export function compileNamePatterns(patterns: readonly string[]): NameTest {
  if (patterns.length === 0 || patterns.includes("*")) return () => true;
  const exact = new Set(patterns.filter((pattern) => !pattern.includes("*")));
  const tests = patterns.filter((pattern) => pattern.includes("*")).map(compileNamePattern);
  return (name) => exact.has(name) || tests.some((test) => test(name));
}

function compileNamePattern(pattern: string): NameTest {
  const [head = "", ...parts] = pattern.split("*");
  const tail = parts.pop() ?? "";
  const inner = parts.filter((part) => part !== "");
  const minLength = head.length + tail.length;
  return (name) => {
    if (name.length < minLength || !name.startsWith(head) || !name.endsWith(tail)) return false;
    const end = name.length - tail.length;
    let at = head.length;
    for (const part of inner) {
      const found = name.indexOf(part, at);
      if (found === -1 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}
