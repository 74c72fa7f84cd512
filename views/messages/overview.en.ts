/** The page Overview. */
export const overviewEn = {
  title: "Overview",
};

export type OverviewMessages = typeof overviewEn;
