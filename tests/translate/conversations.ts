import fc, { type Arbitrary } from "fast-check";
import type {
  AssistantPart,
  ChatRequest,
  Issuer,
  ToolResultPart,
  Turn,
} from "../../src/translate/chat_request.ts";
import { assistantParts, maybe, results, switchOf, textParts, userParts } from "./conversation_parts.ts";
import { settings, toolChoices, tools } from "./conversation_settings.ts";

/** What a dialect may be unable to carry: a test switches it off and gets conversations without it. */
export type Feature =
  | "system"
  | "image"
  | "imageUrl"
  | "imageId"
  | "detail"
  | "audio"
  | "file"
  | "fileUrl"
  | "fileId"
  | "fileName"
  | "cache"
  | "refusal"
  | "assistantImage"
  | "thinking"
  | "thinkingSignature"
  | "redactedThinking"
  | "textSignature"
  | "callSignature"
  | "tools"
  | "isStrict"
  | "toolResultImage"
  | "toolResultFile"
  | "toolResultError"
  | "toolResultName"
  | "toolChoice"
  | "namedTools"
  | "mayCallInParallel"
  | "output"
  | "maxOutputTokens"
  | "temperature"
  | "topP"
  | "topK"
  | "stop"
  | "choices"
  | "seed"
  | "presencePenalty"
  | "frequencyPenalty"
  | "logprobs"
  | "effort"
  | "budgetTokens"
  | "isAdaptive"
  | "mustShow"
  | "endUser"
  | "google"
  | "stopSequence"
  | "citations"
  | "usage";

export interface ConversationOptions {
  readonly without?: readonly Feature[];
  /** Whose signatures, redacted thoughts and file ids occur; every provider's when not given. */
  readonly issuers?: readonly Issuer[];
}

/** Small conversations in their normal form: user turns and assistant turns in turn, every call answered. */
export function chatRequests(options: ConversationOptions = {}): Arbitrary<ChatRequest> {
  return fc.tuple(turnsAndTools(options), settings(options)).map(([conversation, rest]) => ({
    model: "some-model",
    ...conversation,
    ...rest,
  }));
}

function turnsAndTools(
  options: ConversationOptions,
): Arbitrary<Pick<ChatRequest, "system" | "turns" | "tools" | "toolChoice" | "mayCallInParallel">> {
  const isOn = switchOf(options);
  const system = isOn("system") ? fc.array(textParts(options), { maxLength: 2 }) : fc.constant([]);
  const rounds = fc.array(fc.record({ user: userParts(options), assistant: assistantParts(options) }), {
    maxLength: 3,
  });
  const choices = fc.tuple(
    maybe(isOn("toolChoice"), toolChoices(isOn).map((toolChoice) => ({ toolChoice }))),
    maybe(isOn("mayCallInParallel"), fc.boolean().map((mayCallInParallel) => ({ mayCallInParallel }))),
  ).map(([choice, parallel]) => ({ ...choice, ...parallel }));
  return fc.tuple(system, rounds, userParts(options), tools(isOn), choices, results(options)).map(
    ([system, rounds, last, tools, choices, resultOf]) => {
      const turns: Turn[] = [];
      let pending: readonly ToolResultPart[] = [];
      let calls = 0;
      for (const { user, assistant } of rounds) {
        turns.push({ role: "user", parts: [...pending, ...user] });
        const named = assistant.map((part) =>
          part.kind === "tool_call" ? { ...part, id: `call_${++calls}` } : part
        );
        const allowed = tools.length === 0 ? named.filter(({ kind }) => kind !== "tool_call") : named;
        const parts: AssistantPart[] = allowed.some(isShown)
          ? allowed
          : [...allowed, { kind: "text", text: "Fine." }];
        turns.push({ role: "assistant", parts });
        pending = parts.flatMap((part) => part.kind === "tool_call" ? [resultOf(part)] : []);
      }
      turns.push({ role: "user", parts: [...pending, ...last] });
      return { system, turns, tools, ...(tools.length === 0 ? {} : choices) };
    },
  );
}

function isShown(part: AssistantPart): boolean {
  return part.kind !== "thinking" && part.kind !== "redacted_thinking";
}
