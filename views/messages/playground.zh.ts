import type { PlaygroundMessages } from "./playground.en.ts";

export const playgroundZh: PlaygroundMessages = {
  title: "试验台",
};
