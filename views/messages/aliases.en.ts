/** Model aliases: list and form. */
export const aliasesEn = {
  title: "Model aliases",
  lead: "Names that callers use, and the models that they mean",
  add: "Add alias",
  editOne: (name: string) => `Edit ${name}`,
  empty: "No alias yet",
  emptyHint: "With an alias such as “fast”, callers keep their setting while you change the model behind it.",
  columns: { name: "Alias", target: "Stands for", fallback: "When too long" },
  noFallback: "the refusal stands",
  form: {
    name: "Alias",
    nameHint: "What callers write as model",
    target: "Stands for",
    targetHint: "A model, or provider/model, or group/model",
    fallback: "For requests that are too long",
    fallbackHint: "A model with a larger context, which is asked once instead. Empty: the refusal stands",
  },
  created: (name: string) => `${name} was added`,
  saved: (name: string) => `${name} was saved`,
  deleted: (name: string) => `${name} was deleted`,
  deleteTitle: (name: string) => `Delete the alias ${name}?`,
  deleteText: (name: string) =>
    `Callers that ask for ${name} get 404 from then on, unless a provider has it.`,
};

export type AliasesMessages = typeof aliasesEn;
