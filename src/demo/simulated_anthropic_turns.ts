import { blocksOf, type InputBlock, type InputMessage } from "./simulated_anthropic_request.ts";
import { isBase64 } from "./simulated_media.ts";
import { isSignatureOf } from "./simulated_signature.ts";

/**
 * Anthropic's objection to the turns of a conversation, or `undefined`: blocks stand where they may, each tool use
 * has its one result at the head of the next message, and thoughts come back as they were given.
 * Sources: https://platform.claude.com/docs/en/agents-and-tools/tool-use/implement-tool-use,
 * https://platform.claude.com/docs/en/build-with-claude/extended-thinking, and the error texts in
 * https://github.com/anthropics/claude-code/issues/8210 and https://github.com/zed-industries/zed/pull/33317
 */
export function turnsComplaint(messages: readonly InputMessage[], mustThink: boolean): string | undefined {
  if (messages[0]?.role !== "user") return 'messages: first message must use the "user" role';
  for (const [index, message] of messages.entries()) {
    const isPrefill = index === messages.length - 1 && message.role === "assistant";
    const complaint = blocksComplaint(message, index, isPrefill) ?? callsComplaint(message, messages, index);
    if (complaint !== undefined) return complaint;
  }
  return mustThink ? thoughtComplaint(messages) : undefined;
}

function blocksComplaint(message: InputMessage, index: number, isPrefill: boolean): string | undefined {
  const blocks = blocksOf<InputBlock>(message.content);
  if ((blocks.length === 0 || message.content === "") && !isPrefill) {
    return `messages.${index}: all messages must have non-empty content except for the optional final assistant message`;
  }
  for (const [place, block] of blocks.entries()) {
    const at = `messages.${index}.content.${place}`;
    const complaint = blockComplaint(block, message.role, at);
    if (complaint !== undefined) return complaint;
  }
  const last = blocks.at(-1);
  if (isPrefill && last?.type === "text" && last.text !== last.text.trimEnd()) {
    return "messages: final assistant content cannot end with trailing whitespace";
  }
  return undefined;
}

function blockComplaint(block: InputBlock, role: InputMessage["role"], at: string): string | undefined {
  const isOfModel = ["tool_use", "thinking", "redacted_thinking"].includes(block.type);
  const isOfUser = ["tool_result", "image", "document"].includes(block.type);
  if (isOfModel && role === "user") {
    return `${at}: \`${block.type}\` blocks can only be in \`assistant\` messages`;
  }
  if (isOfUser && role === "assistant") {
    return `${at}: \`${block.type}\` blocks can only be in \`user\` messages`;
  }
  switch (block.type) {
    case "text":
      if (block.text === "") return "messages: text content blocks must be non-empty";
      return block.text.trim() === ""
        ? "messages: text content blocks must contain non-whitespace text"
        : undefined;
    case "image":
    case "document": {
      const { source } = block;
      if (source.type === "base64" && (source.data === "" || !isBase64(source.data))) {
        return `${at}.${block.type}.source.base64: invalid base64 data`;
      }
      return source.type === "url" && !source.url.startsWith("https://")
        ? `${at}.${block.type}.source.url.url: Only HTTPS URLs are supported.`
        : undefined;
    }
    case "thinking":
      return isSignatureOf("anthropic", block.thinking, block.signature)
        ? undefined
        : `${at}: Invalid \`signature\` in \`thinking\` block`;
    case "redacted_thinking":
      return isSignatureOf("anthropic", "", block.data)
        ? undefined
        : `${at}: Invalid \`data\` in \`redacted_thinking\` block`;
    default:
      return undefined;
  }
}

function callsComplaint(
  message: InputMessage,
  messages: readonly InputMessage[],
  index: number,
): string | undefined {
  const before = messages[index - 1];
  const called = idsOf(before, "tool_use");
  const seen = new Set<string>();
  for (const [place, block] of blocksOf<InputBlock>(message.content).entries()) {
    if (block.type !== "tool_result") continue;
    const id = block.tool_use_id;
    if (!called.includes(id)) {
      return `messages.${index}.content.${place}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`;
    }
    if (seen.has(id)) {
      return `messages.${index}.content.${place}: each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${id}`;
    }
    seen.add(id);
  }
  const own = idsOf(message, "tool_use");
  if (new Set(own).size < own.length) return `messages.${index}: \`tool_use\` ids must be unique`;
  // Whatever stands before the results comes between the call and them.
  const head = blocksOf<InputBlock>(messages[index + 1]?.content);
  const results = head.slice(0, own.length).map((block) =>
    block.type === "tool_result" ? block.tool_use_id : ""
  );
  const open = own.filter((id) => !results.includes(id));
  return open.length === 0
    ? undefined
    : `messages.${index + 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${
      open.join(", ")
    }. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`;
}

function idsOf(message: InputMessage | undefined, type: "tool_use"): string[] {
  return blocksOf<InputBlock>(message?.content).flatMap((block) => block.type === type ? [block.id] : []);
}

/** While a turn of tool use lasts, each of its assistant messages begins with its thought. */
function thoughtComplaint(messages: readonly InputMessage[]): string | undefined {
  for (let index = messages.length - 1; index > 0; index -= 2) {
    const blocks = blocksOf<InputBlock>(messages[index]?.content);
    if (messages[index]?.role !== "user" || !blocks.some((block) => block.type === "tool_result")) {
      return undefined;
    }
    const first = blocksOf<InputBlock>(messages[index - 1]?.content)[0]?.type;
    if (first === "thinking" || first === "redacted_thinking") continue;
    return `messages.${
      index - 1
    }.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${first}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block (preceeding the lastmost set of \`tool_use\` and \`tool_result\` blocks). We recommend you include thinking blocks from previous turns. To avoid this requirement, disable \`thinking\`. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking`;
  }
  return undefined;
}
