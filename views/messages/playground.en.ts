/** The page Playground. */
export const playgroundEn = {
  title: "Playground",
};

export type PlaygroundMessages = typeof playgroundEn;
