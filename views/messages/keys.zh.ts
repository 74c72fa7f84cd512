import type { KeysMessages } from "./keys.en.ts";

export const keysZh: KeysMessages = {
  title: "密钥",
};
