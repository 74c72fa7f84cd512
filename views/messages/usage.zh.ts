import type { UsageMessages } from "./usage.en.ts";

export const usageZh: UsageMessages = {
  title: "用量",
};
