import type { GroupsMessages } from "./groups.en.ts";

export const groupsZh: GroupsMessages = {
  title: "分组",
};
