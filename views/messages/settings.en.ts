/** The page Settings. */
export const settingsEn = {
  title: "Settings",
};

export type SettingsMessages = typeof settingsEn;
