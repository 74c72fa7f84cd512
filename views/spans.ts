import type { Choice } from "./parts/fields.tsx";
import type { View } from "./view.ts";

/** Times that end now, as filters offer them: `last=24h`. */
export function spanChoices({ messages }: View): Choice[] {
  return Object.entries(messages.usage.spans).map(([value, label]) => ({ value, label }));
}
