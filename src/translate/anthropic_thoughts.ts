import type { AssistantPart, Turn } from "./chat_request.ts";

/**
 * The turns with the thoughts that came with their tool calls, where the caller has lost them and they are still
 * known. Only Anthropic's own come back: it takes no others.
 */
export function withRecalledThoughts(
  turns: readonly Turn[],
  recall: (callId: string) => readonly AssistantPart[] | undefined,
): readonly Turn[] {
  return turns.map((turn) => {
    if (turn.role === "user" || turn.parts.some(isOwnThought)) return turn;
    for (const part of turn.parts) {
      const thoughts = part.kind === "tool_call" ? recall(part.id)?.filter(isOwnThought) ?? [] : [];
      if (thoughts.length > 0) return { role: "assistant", parts: [...thoughts, ...turn.parts] };
    }
    return turn;
  });
}

/**
 * Whether the tool calls that the last turn answers belong to an assistant's turn that does not begin with a
 * thought. A turn reaches back over all results and calls to the last words of the user.
 */
export function lacksThoughts(turns: readonly Turn[]): boolean {
  let first: Turn | undefined;
  for (let index = turns.length - 1; index > 0; index -= 2) {
    const [assistant, user] = [turns[index - 1], turns[index]];
    if (user?.role !== "user" || !user.parts.some(({ kind }) => kind === "tool_result")) break;
    first = assistant;
  }
  if (first?.role !== "assistant") return false;
  const [opening] = first.parts.filter((part) => part.kind !== "thinking" || isOwnThought(part));
  return opening !== undefined && !isOwnThought(opening);
}

function isOwnThought(part: AssistantPart): boolean {
  return part.kind === "thinking"
    ? part.signature?.issuer === "anthropic"
    : part.kind === "redacted_thinking" && part.issuer === "anthropic";
}
