/** The page Usage. */
export const usageEn = {
  title: "Usage",
};

export type UsageMessages = typeof usageEn;
