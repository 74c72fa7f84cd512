import type {
  AssistantPart,
  CacheHint,
  FilePart,
  ImagePart,
  MediaSource,
  TextPart,
  UserPart,
} from "./chat_request.ts";
import { isGiven, refuseShape, shaped } from "./caller_shape.ts";
import type { Losses } from "./losses.ts";
import { audioPart, filePart, imagePart, refusalPart, textPart } from "./openai_responses_shape.ts";

type Content = string | readonly ({ readonly type: string } & Readonly<Record<string, unknown>>)[];

/** What a user, or the one who gives instructions, says. */
export function readUserContent(content: Content, at: string, losses: Losses): UserPart[] {
  if (typeof content === "string") return [{ kind: "text", text: content }];
  return content.map((part, index): UserPart => {
    const where = `${at}[${index}]`;
    if (part.type === "input_audio") {
      const { data, format } = shaped(audioPart, part, where).input_audio;
      return { kind: "audio", mediaType: format === "wav" ? "audio/wav" : "audio/mpeg", base64: data };
    }
    return readSharedPart(part, where, losses) ??
      refuseShape(`${where}.type`, "expected input_text, input_image, input_file or input_audio");
  });
}

/** What a function gave back: a text, or texts, images and files. */
export function readResultContent(
  content: Content,
  at: string,
  losses: Losses,
): (TextPart | ImagePart | FilePart)[] {
  if (typeof content === "string") return [{ kind: "text", text: content }];
  return content.map((part, index) => {
    const where = `${at}[${index}]`;
    return readSharedPart(part, where, losses) ??
      refuseShape(`${where}.type`, "expected input_text, input_image or input_file");
  });
}

/** What the model said before. */
export function readAssistantContent(content: Content, at: string, losses: Losses): AssistantPart[] {
  if (typeof content === "string") return content === "" ? [] : [{ kind: "text", text: content }];
  return content.flatMap((part, index): AssistantPart[] => {
    const where = `${at}[${index}]`;
    if (part.type === "refusal") return [{ kind: "refusal", text: shaped(refusalPart, part, where).refusal }];
    if (part.type !== "output_text" && part.type !== "input_text") {
      refuseShape(`${where}.type`, "expected output_text or refusal");
    }
    const { text, annotations } = shaped(textPart, part, where);
    if (Array.isArray(annotations) && annotations.length > 0) losses.ignore(`${where}.annotations`);
    return text === "" ? [] : [{ kind: "text", text }];
  });
}

function readSharedPart(
  part: { readonly type: string },
  at: string,
  losses: Losses,
): TextPart | ImagePart | FilePart | undefined {
  switch (part.type) {
    case "input_text":
    case "output_text": {
      const { text, prompt_cache_breakpoint } = shaped(textPart, part, at);
      return { kind: "text", text, ...cacheOf(prompt_cache_breakpoint) };
    }
    case "input_image": {
      const { image_url, file_id, detail, prompt_cache_breakpoint } = shaped(imagePart, part, at);
      const source = !isGiven(image_url)
        ? idSource(file_id, `${at}.image_url`)
        : urlSource(image_url, `${at}.image_url`);
      const told = detail === "original" ? "high" : detail;
      return {
        kind: "image",
        source,
        ...(!isGiven(told) ? {} : { detail: told }),
        ...cacheOf(prompt_cache_breakpoint),
      };
    }
    case "input_file": {
      const { filename, prompt_cache_breakpoint, detail, ...file } = shaped(filePart, part, at);
      if (isGiven(detail)) losses.ignore(`${at}.detail`);
      return {
        kind: "file",
        source: fileSource(file, at),
        ...(!isGiven(filename) ? {} : { name: filename }),
        ...cacheOf(prompt_cache_breakpoint),
      };
    }
  }
  return undefined;
}

function cacheOf(breakpoint: object | null | undefined): { cache?: CacheHint } {
  return !isGiven(breakpoint) ? {} : { cache: {} };
}

function fileSource(
  file: {
    readonly file_data?: string | null | undefined;
    readonly file_url?: string | null | undefined;
    readonly file_id?: string | null | undefined;
  },
  at: string,
): MediaSource {
  if (isGiven(file.file_data)) {
    if (file.file_data.startsWith("data:")) return urlSource(file.file_data, `${at}.file_data`);
    // Bare base64 is taken, too; OpenAI reads nothing but PDF from it.
    return { kind: "base64", mediaType: "application/pdf", base64: file.file_data };
  }
  if (isGiven(file.file_url)) return urlSource(file.file_url, `${at}.file_url`);
  return idSource(file.file_id, `${at}.file_data`);
}

function idSource(id: string | null | undefined, at: string): MediaSource {
  if (!isGiven(id) || id === "") refuseShape(at, "expected string, received undefined");
  return { kind: "id", issuer: "openai", id };
}

const DATA_URL = /^data:([\w.+-]+\/[\w.+-]+)(?:;[\w-]+=[^;,]*)*;base64$/i;

function urlSource(url: string, at: string): MediaSource {
  if (/^https?:\/\//i.test(url)) return { kind: "url", url };
  // The pattern sees the head only: the data may be megabytes.
  const comma = url.slice(0, 256).indexOf(",");
  const mediaType = DATA_URL.exec(comma === -1 ? "" : url.slice(0, comma))?.[1];
  if (mediaType === undefined) refuseShape(at, "expected an https URL or a base64 data URL");
  return { kind: "base64", mediaType: mediaType.toLowerCase(), base64: url.slice(comma + 1) };
}
