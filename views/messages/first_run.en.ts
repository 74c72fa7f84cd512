const keys = (count: number) => count === 1 ? "1 key" : `${count.toLocaleString("en-US")} keys`;

/** The first steps: from provider keys to the first request. */
export const firstRunEn = {
  title: "First steps",
  lead: "From provider keys to the first answer, in three steps.",
  toOverview: "To the overview",
  goOn: "Go on",
  steps: {
    keys: "Provider keys",
    clientKey: "Client key",
    request: "First request",
    done: "done",
    open: "to do",
  },
  keys: {
    title: "Paste your provider keys",
    hint:
      "One a line, of one provider or of many: OpenAI, Anthropic, Gemini, DeepSeek, OpenRouter, Groq and others are recognised by their shape. .env, JSON and CSV are read, too.",
    label: "Provider keys",
    provider: "Whose they are",
    recognise: "Recognise them",
    submit: "Add keys",
    more: (total: number) => `${keys(total)} in use. Paste more at any time.`,
    elsewhere: "Move from another product, or many keys with a preview:",
    importPage: "Import",
    other: "An API that is not known here:",
    addProvider: "add a provider by its base URL",
    stop: ".",
    nothing: "Paste at least one key",
    added: (count: number, name: string) => `${keys(count)} added to ${name}`,
    duplicate: (count: number) => count === 1 ? "1 was there before" : `${count} were there before`,
    leftOut: (count: number) => count === 1 ? "1 entry is no key" : `${count} entries are no keys`,
    list: (parts: readonly string[]) => `${parts.join(", ")}.`,
    choose: "choose below whose the others are",
  },
  choose: {
    title: "Whose keys are these?",
    hint: "Several providers give out keys of this shape.",
    unknownHint: "No known provider's keys look like this.",
    of: (count: number, ends: string) => `${keys(count)}: ${ends}`,
    likely: "Keys look like this at",
    others: "Other known providers",
    here: "Providers here",
    skip: "Leave them out",
    submit: "Add them",
    gone: "These keys are no longer here: paste them again",
  },
  clientKey: {
    title: "Make a client key",
    hint: "What your programs present to Keyturn. Provider keys never leave it.",
    name: "Name",
    defaultName: "First client key",
    submit: "Make client key",
    exists: (count: number) =>
      count === 1 ? "There is 1 client key." : `There are ${count.toLocaleString("en-US")} client keys.`,
    anonymous: "The proxy is open to everybody (ALLOW_ANONYMOUS): no client key is needed.",
    another: "Make another one",
    manage: "Manage client keys",
    once: "Your client key. It is shown this once: copy it now.",
  },
  use: {
    title: "Use it",
    hint: (origin: string) =>
      `Point any client at ${origin}. Ask for any model in any of the three dialects.`,
    placeholder: "Put your client key in the place of $KEYTURN_KEY.",
    waiting: "Waiting for the first request…",
    waitingHint: "Send one with any of these. It shows up here by itself.",
    seen: "First request seen",
    seenText: (model: string, provider: string, ms: string) => `${model} answered by ${provider} in ${ms}`,
    failed: "A request came, but failed",
    failedText: (status: number) => `It was answered ${status}.`,
    look: "Look at it",
    overview: "Go to the overview",
    model: "a request",
    nobody: "nobody",
    cherryStudio: (host: string, key: string, model: string) =>
      `Settings → Model Provider → Add\nProvider type  OpenAI\nAPI key        ${key}\nAPI host       ${host}\nModel          ${model}`,
  },
};

export type FirstRunMessages = typeof firstRunEn;
