/** The page Keys. */
export const keysEn = {
  title: "Keys",
};

export type KeysMessages = typeof keysEn;
