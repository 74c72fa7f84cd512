export interface Words {
  readonly file: string;
  /** What stood behind an option, in order. */
  readonly values: (option: string) => string[];
  readonly flags: ReadonlySet<string>;
}

/**
 * Reads the words behind a command that takes one file and options; `--name=value` is `--name value`. A string says
 * what is wrong with them.
 */
export function readWords(
  command: string,
  words: readonly string[],
  options: { readonly values: readonly string[]; readonly flags: readonly string[] },
): Words | string {
  const flags = new Set<string>();
  const given: [option: string, value: string][] = [];
  const files: string[] = [];
  const queue = words.flatMap((word) => {
    const split = /^(--[\w-]+)=([\s\S]*)$/.exec(word);
    return split === null ? [word] : [split[1] ?? "", split[2] ?? ""];
  });
  for (let at = 0; at < queue.length; at++) {
    const word = queue[at] ?? "";
    if (options.flags.includes(word)) flags.add(word);
    else if (options.values.includes(word)) {
      const value = queue[++at];
      if (value === undefined || value === "" || value.startsWith("--")) {
        return `${command} ${word} takes a value`;
      }
      given.push([word, value]);
    } else if (word.startsWith("--")) return `${command} has no option ${word}`;
    else files.push(word);
  }
  const [file, ...more] = files;
  if (file === undefined || file === "" || more.length > 0) return `${command} takes the path of one file`;
  const values = (option: string) => given.filter(([name]) => name === option).map(([, value]) => value);
  return { file, values, flags };
}
