import fc, { type Arbitrary } from "fast-check";
import type {
  ChatRequest,
  Effort,
  OutputFormat,
  Reasoning,
  Tool,
  ToolChoice,
} from "../../src/translate/chat_request.ts";
import { maybe, switchOf, TOOL_NAMES, words } from "./conversation_parts.ts";
import type { ConversationOptions, Feature } from "./conversations.ts";

const EFFORTS: readonly Effort[] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

const SCHEMAS: readonly Readonly<Record<string, unknown>>[] = [
  { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  {
    type: "object",
    properties: { a: { type: "integer" }, b: { type: ["string", "null"] }, c: { enum: ["x", "y"] } },
    required: ["a"],
    additionalProperties: false,
  },
  {
    type: "object",
    properties: { items: { type: "array", items: { $ref: "#/$defs/item" } } },
    $defs: { item: { type: "object", properties: { n: { type: "number" } } } },
  },
];

/** All that a request asks besides its conversation. */
export function settings(
  options: ConversationOptions,
): Arbitrary<Omit<ChatRequest, "model" | "system" | "turns" | "tools" | "toolChoice">> {
  const isOn = switchOf(options);
  const tenths = (max: number) => fc.integer({ min: 0, max }).map((value) => value / 10);
  return fc.tuple(
    maybe(isOn("output"), outputs(isOn).map((output) => ({ output }))),
    maybe(isOn("maxOutputTokens"), fc.integer({ min: 2000, max: 9000 }).map((n) => ({ maxOutputTokens: n }))),
    maybe(isOn("temperature"), tenths(10).map((temperature) => ({ temperature }))),
    maybe(isOn("topP"), tenths(10).map((topP) => ({ topP }))),
    maybe(isOn("topK"), fc.integer({ min: 1, max: 40 }).map((topK) => ({ topK }))),
    maybe(
      isOn("stop"),
      fc.array(fc.constantFrom("END", "\n\nHuman:", "。"), { minLength: 1, maxLength: 3 }).map((stop) => ({
        stop,
      })),
    ),
    maybe(isOn("choices"), fc.integer({ min: 1, max: 3 }).map((choices) => ({ choices }))),
    maybe(isOn("seed"), fc.nat(1000).map((seed) => ({ seed }))),
    maybe(isOn("presencePenalty"), tenths(19).map((presencePenalty) => ({ presencePenalty }))),
    maybe(isOn("frequencyPenalty"), tenths(19).map((frequencyPenalty) => ({ frequencyPenalty }))),
    maybe(isOn("logprobs"), fc.nat(5).map((top) => ({ logprobs: { top } }))),
    maybe(hasReasoning(isOn), reasonings(isOn).map((reasoning) => ({ reasoning }))),
    maybe(isOn("endUser"), fc.constant({ endUser: "user-7" })),
    maybe(isOn("google"), fc.constant({ google: { cachedContent: "cachedContents/one" } })),
    fc.boolean().map((isStream) => ({ isStream })),
  ).map(([a, b, c, d, e, f, g, h, i, j, k, l, m, n, o]) => ({
    ...a,
    ...b,
    ...c,
    ...d,
    ...e,
    ...f,
    ...g,
    ...h,
    ...i,
    ...j,
    ...k,
    ...l,
    ...m,
    ...n,
    ...o,
  }));
}

function hasReasoning(isOn: (feature: Feature) => boolean): boolean {
  return isOn("effort") || isOn("budgetTokens") || isOn("isAdaptive");
}

/** One way of asking for thoughts at a time, as callers do. */
function reasonings(isOn: (feature: Feature) => boolean): Arbitrary<Reasoning> {
  const ways: Arbitrary<Reasoning>[] = [];
  if (isOn("effort")) ways.push(fc.constantFrom(...EFFORTS).map((effort) => ({ effort })));
  if (isOn("budgetTokens")) ways.push(fc.integer({ min: 1024, max: 1999 }).map((n) => ({ budgetTokens: n })));
  if (isOn("isAdaptive")) ways.push(fc.constant({ isAdaptive: true }));
  if (!isOn("mustShow")) return fc.oneof(...ways);
  return fc.tuple(fc.oneof(...ways), fc.boolean()).map(([way, isShown]) => ({
    ...way,
    ...(isShown && way.effort !== "none" ? { mustShow: true } : {}),
  }));
}

function outputs(isOn: (feature: Feature) => boolean): Arbitrary<OutputFormat> {
  return fc.oneof(
    fc.constant<OutputFormat>({ kind: "json" }),
    fc.tuple(
      fc.constantFrom(...SCHEMAS),
      maybe(isOn("isStrict"), fc.boolean().map((isStrict) => ({ isStrict }))),
    ).map(([schema, strict]): OutputFormat => ({ kind: "json_schema", name: "answer", schema, ...strict })),
  );
}

/** All the tools, or none. */
export function tools(isOn: (feature: Feature) => boolean): Arbitrary<Tool[]> {
  if (!isOn("tools")) return fc.constant([]);
  const details = fc.tuple(
    maybe(true, words.map((description) => ({ description }))),
    maybe(true, fc.constantFrom(...SCHEMAS).map((parameters) => ({ parameters }))),
    maybe(isOn("isStrict"), fc.boolean().map((isStrict) => ({ isStrict }))),
  ).map(([description, parameters, strict]) => ({ ...description, ...parameters, ...strict }));
  // All the names or none, so that every call names a tool that there is.
  return fc.oneof(
    fc.constant<Tool[]>([]),
    fc.tuple(...TOOL_NAMES.map((name) => details.map((rest): Tool => ({ name, ...rest })))),
  );
}

/** How tools may be chosen. */
export function toolChoices(isOn: (feature: Feature) => boolean): Arbitrary<ToolChoice> {
  const plain = fc.constantFrom<ToolChoice>({ kind: "auto" }, { kind: "none" }, { kind: "required" });
  const single = fc.constantFrom(...TOOL_NAMES).map((name): ToolChoice => ({
    kind: "named",
    names: [name],
    isRequired: true,
  }));
  if (!isOn("namedTools")) return fc.oneof(plain, single);
  const several = fc.tuple(fc.subarray([...TOOL_NAMES], { minLength: 2 }), fc.boolean()).map(
    ([names, isRequired]): ToolChoice => ({ kind: "named", names, isRequired }),
  );
  return fc.oneof(plain, single, several);
}
