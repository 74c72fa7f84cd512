/** What is wrong with a field, or with a whole form. */
export const faultsEn = {
  needed: "This is needed",
  notTaken: "This value cannot be taken",
  notKnown: "There is no such field",
  takesNumber: "Takes a number",
  takesYesOrNo: "Takes yes or no",
  tooShort: (least: number) => `Takes at least ${least} characters`,
  tooLong: (most: number) => `Takes at most ${most} characters`,
  tooSmall: (least: number) => `Takes ${least} or more`,
  tooBig: (most: number) => `Takes ${most} or less`,
  takesOneOf: (values: readonly string[]) => `Takes one of ${values.join(", ")}`,
  refusals: { fields: "Nothing was saved: some fields need another value" },
  /** Headings of error pages, by status. */
  titles: {
    400: "This request cannot be understood",
    401: "Sign in first",
    403: "You may not do this",
    404: "There is nothing here",
    409: "This clashes with something else",
    422: "Some values cannot be taken",
    429: "Too many tries",
    500: "Something went wrong on our side",
  },
  back: "Go back",
  overview: "To the start page",
};

export type FaultMessages = typeof faultsEn;
