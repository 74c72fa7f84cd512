import fc, { type Arbitrary } from "fast-check";
import type {
  AssistantPart,
  FilePart,
  ImagePart,
  MediaSource,
  Signature,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  UserPart,
} from "../../src/translate/chat_request.ts";
import type { ConversationOptions, Feature } from "./conversations.ts";

const TINY_IMAGE =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/** Names that every dialect allows. */
export const TOOL_NAMES = ["get_weather", "search", "add-2", "Save_note"] as const;

const base64 = fc.constantFrom(TINY_IMAGE, "AAAA", "aGVsbG8gd29ybGQ=");

/** Text as people write it: never blank at its ends, with quotes, line ends and several scripts in it. */
export const words: Arbitrary<string> = fc.array(
  fc.constantFrom(
    "Hello",
    "it's",
    'a "quote"',
    "{",
    "}",
    "\\",
    "naïve",
    "你好",
    "👩‍👩‍👧",
    "a\nb",
    "data: x",
    "</s>",
    "ok.",
  ),
  { minLength: 1, maxLength: 5 },
).map((some) => some.join(" "));

/** JSON text of an object, as tool arguments are. */
const callArguments: Arbitrary<string> = fc.oneof(
  fc.constant("{}"),
  fc.dictionary(
    fc.constantFrom("city", "a", "deep", "käse"),
    fc.oneof(words, fc.integer(), fc.boolean(), fc.constant(null), fc.array(words, { maxLength: 2 })),
    { maxKeys: 3, noNullPrototype: true },
  ).map((value) => JSON.stringify(value)),
);

/** A signature of one of the issuers. */
export function signatures(options: ConversationOptions): Arbitrary<Signature> {
  return fc.record({
    issuer: fc.constantFrom(...options.issuers ?? ["openai", "anthropic", "gemini"] as const),
    value: fc.constantFrom("c2lnbmF0dXJlIG9uZQ==", "EqQBCgIYAhIkAbc=", "gAAAAABoQ2s="),
  }, { noNullPrototype: true });
}

/** Thoughts, then what is said, then calls: the one order that every dialect can tell. Calls have no id yet. */
export function assistantParts(options: ConversationOptions): Arbitrary<AssistantPart[]> {
  const isOn = switchOf(options);
  const some = (is: boolean, part: Arbitrary<AssistantPart>): Arbitrary<AssistantPart[]> =>
    is ? fc.array(part, { maxLength: 1 }) : fc.constant([]);
  const sign = (feature: Feature) =>
    maybe(isOn(feature), signatures(options).map((signature) => ({ signature })));
  const redacted = signatures(options).map(({ issuer, value }): AssistantPart => ({
    kind: "redacted_thinking",
    issuer,
    data: value,
  }));
  const thinking = fc.tuple(words, sign("thinkingSignature")).map(([text, signature]): AssistantPart => ({
    kind: "thinking",
    text,
    ...signature,
  }));
  const text = fc.tuple(words, sign("textSignature")).map(([text, signature]): AssistantPart => ({
    kind: "text",
    text,
    ...signature,
  }));
  const call = fc.record({
    name: fc.constantFrom(...TOOL_NAMES),
    text: callArguments,
    rest: sign("callSignature"),
  })
    .map(({ name, text, rest }): AssistantPart => ({
      kind: "tool_call",
      id: "",
      name,
      arguments: text,
      ...rest,
    }));
  return fc.tuple(
    some(isOn("thinking"), thinking),
    some(isOn("redactedThinking"), redacted),
    some(true, text),
    some(isOn("refusal"), words.map((text): AssistantPart => ({ kind: "refusal", text }))),
    some(
      isOn("assistantImage"),
      fc.constant<AssistantPart>({
        kind: "image",
        source: { kind: "base64", mediaType: "image/png", base64: TINY_IMAGE },
      }),
    ),
    isOn("tools") ? fc.array(call, { maxLength: 3 }) : fc.constant([]),
  ).map((lists) => lists.flat());
}

/** What a user says: one to three parts. */
export function userParts(options: ConversationOptions): Arbitrary<UserPart[]> {
  const isOn = switchOf(options);
  const kinds: Arbitrary<UserPart>[] = [textParts(options)];
  if (isOn("image")) kinds.push(imageParts(options));
  if (isOn("file")) kinds.push(fileParts(options));
  if (isOn("audio")) {
    kinds.push(fc.constant<UserPart>({ kind: "audio", mediaType: "audio/wav", base64: "UklGRg==" }));
  }
  return fc.array(fc.oneof(...kinds), { minLength: 1, maxLength: 3 });
}

/** A text, with or without a cache hint. */
export function textParts(options: ConversationOptions): Arbitrary<TextPart> {
  return fc.tuple(words, cacheHints(options)).map(([text, cache]) => ({ kind: "text", text, ...cache }));
}

function imageParts(options: ConversationOptions): Arbitrary<ImagePart> {
  const isOn = switchOf(options);
  const details = maybe(isOn("detail"), fc.constantFrom("low", "high", "auto").map((detail) => ({ detail })));
  return fc.tuple(
    sources("image/png", isOn("imageUrl"), isOn("imageId"), options),
    details,
    cacheHints(options),
  ).map(([source, detail, cache]) => ({ kind: "image", source, ...detail, ...cache }));
}

function fileParts(options: ConversationOptions): Arbitrary<FilePart> {
  const isOn = switchOf(options);
  const named = isOn("fileName") ? fc.constant({ name: "paper.pdf" }) : fc.constant({});
  return fc.tuple(
    sources("application/pdf", isOn("fileUrl"), isOn("fileId"), options),
    named,
    cacheHints(options),
  ).map(([source, name, cache]) => ({
    kind: "file",
    source,
    // A name is told of bytes only: other sources bring their own.
    ...(source.kind === "base64" ? name : {}),
    ...cache,
  }));
}

function sources(
  mediaType: string,
  mayBeUrl: boolean,
  mayBeId: boolean,
  options: ConversationOptions,
): Arbitrary<MediaSource> {
  const kinds: Arbitrary<MediaSource>[] = [base64.map((base64) => ({ kind: "base64", mediaType, base64 }))];
  if (mayBeUrl) kinds.push(fc.constant<MediaSource>({ kind: "url", url: "https://example.com/one" }));
  if (mayBeId) {
    kinds.push(signatures(options).map(({ issuer }) => ({ kind: "id", issuer, id: "file-one" })));
  }
  return fc.oneof(...kinds);
}

/** What answers a call; chosen once for a conversation, so that its size stays small. */
export function results(options: ConversationOptions): Arbitrary<(call: ToolCallPart) => ToolResultPart> {
  const isOn = switchOf(options);
  const kinds: Arbitrary<TextPart | ImagePart | FilePart>[] = [words.map((text) => ({ kind: "text", text }))];
  const plain = { ...options, without: [...options.without ?? [], "cache" as const, "detail" as const] };
  if (isOn("toolResultImage")) kinds.push(imageParts(plain));
  if (isOn("toolResultFile")) kinds.push(fileParts(plain));
  return fc.tuple(
    fc.array(fc.oneof(...kinds), { minLength: 1, maxLength: 2 }),
    maybe(isOn("toolResultError"), fc.constant({ isError: true })),
  ).map(([parts, isError]) => (call) => ({
    kind: "tool_result",
    callId: call.id,
    ...(isOn("toolResultName") ? { name: call.name } : {}),
    parts,
    ...isError,
  }));
}

function cacheHints(options: ConversationOptions): Arbitrary<Pick<TextPart, "cache"> | Record<never, never>> {
  return maybe(
    switchOf(options)("cache"),
    fc.constantFrom({ cache: {} }, { cache: { ttl: "1h" as const } }),
  );
}

/** A fragment of an object that is there in half of the cases, or never when it is switched off. */
export function maybe<T extends object>(
  isOn: boolean,
  arbitrary: Arbitrary<T>,
): Arbitrary<T | Record<never, never>> {
  return isOn ? fc.oneof(fc.constant({}), arbitrary) : fc.constant({});
}

/** Whether a feature is left on. */
export function switchOf(options: ConversationOptions): (feature: Feature) => boolean {
  return (feature) => !(options.without ?? []).includes(feature);
}
