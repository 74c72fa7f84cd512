/** Bytes of an upstream that are not acceptable HTTP/1.1. Its message is the state only: "two content-lengths". */
export class BadAnswer extends Error {
  constructor(state: string) {
    super(state);
    this.name = "BadAnswer";
  }
}
