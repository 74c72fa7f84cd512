/** What a store needs to make rows: where ids come from, and the moment they are made at. */
export interface Stamp {
  /** A fresh id, later ones sorting after earlier ones (core/id.ts). */
  newId(): string;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}
