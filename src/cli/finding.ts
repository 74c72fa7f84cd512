/** What `keyturn doctor` has found: as it should be, worth knowing, or to be mended. */
export interface Finding {
  readonly kind: "good" | "note" | "fault";
  /** What was looked at, in one or two words. */
  readonly what: string;
  /** How it is; of a fault also how to mend it. Never holds a secret. */
  readonly state: string;
}

export const good = (what: string, state: string): Finding => ({ kind: "good", what, state });
export const note = (what: string, state: string): Finding => ({ kind: "note", what, state });
export const fault = (what: string, state: string): Finding => ({ kind: "fault", what, state });

/** One line a finding, in columns. */
export function renderFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ what }) => what.length));
  return findings.map(({ kind, what, state }) => `${kind.padEnd(5)}  ${what.padEnd(width)}  ${state}\n`).join(
    "",
  );
}
