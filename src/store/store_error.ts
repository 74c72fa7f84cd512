export type StoreFault =
  /** The URL or its scheme is not one we can open. */
  | "bad_url"
  /** The file or server cannot be opened, reached or written. */
  | "unavailable"
  /** The file is something else than a database. */
  | "not_a_database"
  /** The schema was made by a newer version of this program. */
  | "newer_schema"
  /** Another process owns the data folder. */
  | "in_use"
  /** A name that must be unique is taken. */
  | "taken"
  /** A stored row does not read as what it should be. */
  | "bad_row";

/** Something that the stores cannot do, in one line an operator can act on; never holds a secret. */
export class StoreError extends Error {
  readonly fault: StoreFault;

  constructor(fault: StoreFault, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "StoreError";
    this.fault = fault;
  }
}
