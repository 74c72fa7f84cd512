/** The page Groups. */
export const groupsEn = {
  title: "Groups",
};

export type GroupsMessages = typeof groupsEn;
