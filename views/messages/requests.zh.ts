import type { RequestsMessages } from "./requests.en.ts";

export const requestsZh: RequestsMessages = {
  title: "请求",
};
