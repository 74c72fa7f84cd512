/** Bytes of a caller that are not an acceptable request. Its message is the state only: "two hosts". */
export class BadRequest extends Error {
  readonly status: number;

  constructor(status: 400 | 408 | 417 | 431 | 503 | 505, state: string) {
    super(state);
    this.name = "BadRequest";
    this.status = status;
  }
}
