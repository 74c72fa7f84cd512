import type { OverviewMessages } from "./overview.en.ts";

export const overviewZh: OverviewMessages = {
  title: "概览",
};
