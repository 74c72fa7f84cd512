/** The page Requests. */
export const requestsEn = {
  title: "Requests",
};

export type RequestsMessages = typeof requestsEn;
