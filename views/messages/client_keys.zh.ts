import type { ClientKeysMessages } from "./client_keys.en.ts";

export const clientKeysZh: ClientKeysMessages = {
  title: "客户端密钥",
};
