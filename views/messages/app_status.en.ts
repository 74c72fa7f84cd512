/** The page App status. */
export const appStatusEn = {
  title: "App status",
};

export type AppStatusMessages = typeof appStatusEn;
