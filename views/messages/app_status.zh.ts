import type { AppStatusMessages } from "./app_status.en.ts";

export const appStatusZh: AppStatusMessages = {
  title: "运行状态",
};
