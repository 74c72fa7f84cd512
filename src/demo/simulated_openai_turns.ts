import type { SimulatedAnswer } from "./simulated_dialect.ts";
import { isBase64, readDataUrl } from "./simulated_media.ts";
import type { ChatMessage, ChatPart } from "./simulated_openai_chat_request.ts";
import { badParameter, badValue, emptyArray, missingParameter } from "./simulated_openai_errors.ts";

const ROLES = ["system", "assistant", "user", "function", "tool", "developer"];
const PART_TYPES = ["text", "image_url", "input_audio", "refusal", "audio", "file"];
const IMAGE_TYPES = ["image/png", "image/jpeg", "image/gif", "image/webp"];
const AUDIO_FORMATS = ["wav", "mp3"];
const MAX_ID_LENGTH = 40;

/**
 * OpenAI's objection to the messages of a chat: their parts, and that every tool call has its one result.
 * Sources: https://platform.openai.com/docs/guides/function-calling, https://platform.openai.com/docs/guides/images-vision,
 * and the error texts in https://github.com/BerriAI/litellm/issues/10083
 */
export function messagesObjection(messages: readonly ChatMessage[]): SimulatedAnswer | undefined {
  let open = new Set<string>();
  let answered = new Set<string>();
  for (const [index, message] of messages.entries()) {
    const at = `messages[${index}]`;
    const objection = messageObjection(message, at);
    if (objection !== undefined) return objection;
    if (message.role === "tool") {
      const id = message.tool_call_id;
      if (id === undefined) return missingParameter(`${at}.tool_call_id`);
      if (answered.has(id)) {
        return badParameter(
          `Duplicate value for 'tool_call_id' of '${id}' in message[${index}]`,
          "messages",
          null,
        );
      }
      if (!open.delete(id)) return strayResult(index);
      answered.add(id);
      continue;
    }
    if (open.size > 0) return missingResults(open);
    open = new Set(message.tool_calls?.map((call) => call.id));
    answered = new Set();
  }
  return open.size > 0 ? missingResults(open) : undefined;
}

function strayResult(index: number): SimulatedAnswer {
  return badParameter(
    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
    `messages.[${index}].role`,
    null,
  );
}

function missingResults(ids: ReadonlySet<string>): SimulatedAnswer {
  const message =
    "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. " +
    `The following tool_call_ids did not have response messages: ${[...ids].join(", ")}`;
  return badParameter(message, "messages", null);
}

function messageObjection(message: ChatMessage, at: string): SimulatedAnswer | undefined {
  if (!ROLES.includes(message.role)) return badValue(message.role, ROLES, `${at}.role`);
  const { content, tool_calls: calls } = message;
  if (calls?.length === 0) {
    return emptyArray(`${at}.tool_calls`);
  }
  for (const [index, call] of calls?.entries() ?? []) {
    if (call.id.length > MAX_ID_LENGTH) {
      return badParameter(
        `Invalid '${at}.tool_calls[${index}].id': string too long. Expected a string with maximum length ${MAX_ID_LENGTH}, but got a string with length ${call.id.length} instead.`,
        `${at}.tool_calls[${index}].id`,
        "string_above_max_length",
      );
    }
  }
  const isSilent = content === null || content === undefined;
  if (isSilent && (message.role !== "assistant" || calls === null || calls === undefined)) {
    if (message.role === "assistant" && typeof message.refusal === "string") return undefined;
    return badParameter(
      "Invalid value for 'content': expected a string, got null.",
      `${at.replace("[", ".[")}.content`,
      null,
    );
  }
  if (isSilent || typeof content === "string") return undefined;
  for (const [index, part] of content.entries()) {
    const objection = partObjection(part, message.role, `${at}.content[${index}]`);
    if (objection !== undefined) return objection;
  }
  return undefined;
}

function partObjection(part: ChatPart, role: string, at: string): SimulatedAnswer | undefined {
  if (!PART_TYPES.includes(part.type)) return badValue(part.type, PART_TYPES, at);
  if (role !== "user" && part.type !== "text" && part.type !== "refusal") {
    const message = `Invalid '${at}'. '${part.type}' is only allowed for messages with role 'user'.`;
    return badParameter(message, at, "invalid_value");
  }
  switch (part.type) {
    case "text":
      return part.text === undefined ? missingParameter(`${at}.text`) : undefined;
    case "image_url":
      return part.image_url === undefined
        ? missingParameter(`${at}.image_url`)
        : imageObjection(part.image_url.url);
    case "input_audio":
      if (part.input_audio === undefined) return missingParameter(`${at}.input_audio`);
      if (!AUDIO_FORMATS.includes(part.input_audio.format)) {
        return badValue(part.input_audio.format, AUDIO_FORMATS, `${at}.input_audio.format`);
      }
      return isBase64(part.input_audio.data)
        ? undefined
        : badParameter("The audio data is not valid base64.", `${at}.input_audio.data`, "invalid_value");
    case "file":
      return fileObjection(part.file, at);
    default:
      return undefined;
  }
}

/** OpenAI's objection to the address of an image. */
export function imageObjection(url: string): SimulatedAnswer | undefined {
  if (/^https?:\/\//.test(url)) return undefined;
  const data = readDataUrl(url);
  if (data === undefined) {
    return badParameter(
      "Invalid image data URL. Expected a base64-encoded data URL with an image MIME type (e.g. 'data:image/png;base64,aW1nIGJ5dGVzIGhlcmU='), but got an invalid one.",
      null,
      "invalid_base64",
    );
  }
  if (IMAGE_TYPES.includes(data.mediaType)) return undefined;
  return badParameter(
    "You uploaded an unsupported image. Please make sure your image has of one the following formats: ['png', 'jpeg', 'gif', 'webp'].",
    null,
    "invalid_image_format",
  );
}

function fileObjection(file: ChatPart["file"], at: string): SimulatedAnswer | undefined {
  if (file?.file_data === undefined) {
    return file?.file_id === undefined ? missingParameter(`${at}.file.file_id`) : undefined;
  }
  if (file.filename === undefined) return missingParameter(`${at}.file.filename`);
  if (readDataUrl(file.file_data)?.mediaType === "application/pdf") return undefined;
  return badParameter(
    `Invalid file data: '${at}.file.file_data'. Expected a base64-encoded data URL with an application/pdf MIME type (e.g. 'data:application/pdf;base64,aW1nIGJ5dGVzIGhlcmU='), but got unsupported MIME type.`,
    `${at}.file.file_data`,
    "invalid_value",
  );
}
