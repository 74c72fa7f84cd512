/** The page Client keys. */
export const clientKeysEn = {
  title: "Client keys",
};

export type ClientKeysMessages = typeof clientKeysEn;
