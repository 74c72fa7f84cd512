import type { SettingsMessages } from "./settings.en.ts";

export const settingsZh: SettingsMessages = {
  title: "设置",
};
