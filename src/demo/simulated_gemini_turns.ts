import { isThirdGeneration } from "./simulated_gemini_parameters.ts";
import type { GeminiContent, GeminiPart, GenerateBody } from "./simulated_gemini_request.ts";
import { isBase64 } from "./simulated_media.ts";
import { isSignatureOf } from "./simulated_signature.ts";

const KINDS = [
  "text",
  "inlineData",
  "fileData",
  "functionCall",
  "functionResponse",
  "executableCode",
  "codeExecutionResult",
] as const;
/** What may stand in the place of a signature that was lost. Source: https://ai.google.dev/gemini-api/docs/thought-signatures */
const PLACEHOLDERS = ["skip_thought_signature_validator", "context_engineering_is_the_way_to_go"];
/** Source: https://ai.google.dev/gemini-api/docs/image-understanding, …/audio, …/document-processing */
const MIME_TYPE =
  /^(image\/(png|jpeg|webp|heic|heif)|audio\/(wav|mp3|mpeg|aiff|aac|ogg|flac|x-wav)|video\/[\w-]+|application\/pdf|text\/[\w-]+)$/;

/**
 * Google's objection to the contents of a request, or `undefined`: parts hold something, each function call is
 * answered in the next content, and calls of the current turn carry their signatures.
 * Sources: https://ai.google.dev/gemini-api/docs/thought-signatures, https://ai.google.dev/gemini-api/docs/function-calling,
 * and the error texts in https://github.com/google-gemini/gemini-cli/issues/16984 and
 * https://github.com/nearai/ironclaw/issues/1510
 */
export function contentsComplaint(body: GenerateBody, model: string): string | undefined {
  const contents = body.contents ?? [];
  for (const [index, content] of contents.entries()) {
    const complaint = contentComplaint(content, index) ?? orderComplaint(contents, index);
    if (complaint !== undefined) return complaint;
  }
  return isThirdGeneration(model) ? signatureComplaint(contents) : undefined;
}

/** Where the user said something last: the current turn begins there. */
export function turnStart(contents: readonly GeminiContent[]): number {
  return contents.findLastIndex((content) =>
    content.role !== "model" && partsOf(content).some((part) => part.functionResponse === undefined)
  );
}

/** The text that a signature of a call is of. */
export function signedText({ functionCall: call }: Pick<GeminiPart, "functionCall">): string {
  return `${call?.name} ${JSON.stringify(call?.args ?? {})}`;
}

export function partsOf(content: GeminiContent | undefined): readonly GeminiPart[] {
  return content?.parts ?? [];
}

function contentComplaint(content: GeminiContent, index: number): string | undefined {
  const at = `GenerateContentRequest.contents[${index}]`;
  if (!["user", "model", "function", undefined].includes(content.role)) {
    return "Please use a valid role: user, model.";
  }
  if (partsOf(content).length === 0) return `* ${at}.parts: contents.parts must not be empty.\n`;
  for (const [place, part] of partsOf(content).entries()) {
    const held = KINDS.filter((kind) => part[kind] !== undefined);
    const here = `${at}.parts[${place}]`;
    if (held.length === 0) {
      return `* ${here}.data: required oneof field 'data' must have one initialized field\n`;
    }
    if (held.length > 1) {
      return `Invalid value at 'contents[${index}].parts[${place}]' (oneof), oneof field 'data' is already set. Cannot set '${
        held[1]
      }'`;
    }
    const complaint = partComplaint(part, index, place);
    if (complaint !== undefined) return complaint;
  }
  return undefined;
}

function partComplaint(part: GeminiPart, index: number, place: number): string | undefined {
  const at = `contents[${index}].parts[${place}]`;
  const { thoughtSignature: signature, inlineData: data, functionCall: call } = part;
  if (signature !== undefined) {
    if (!isBase64(signature)) {
      return `Invalid value at '${at}' (thought_signature), Base64 decoding failed for "${signature}"`;
    }
    const fits = PLACEHOLDERS.includes(signature) ||
      isSignatureOf("gemini", call === undefined ? "" : signedText(part), signature);
    if (!fits) return "Corrupted thought signature.";
  }
  if (data === undefined) return undefined;
  if (!MIME_TYPE.test(data.mimeType)) return `Unsupported MIME type: ${data.mimeType}`;
  return isBase64(data.data)
    ? undefined
    : `Invalid value at '${at}.inline_data.data' (TYPE_BYTES), Base64 decoding failed for "${
      data.data.slice(0, 20)
    }"`;
}

function orderComplaint(contents: readonly GeminiContent[], index: number): string | undefined {
  const content = contents[index];
  const before = contents[index - 1];
  const answers = count(content, "functionResponse");
  if (answers > 0 && count(before, "functionCall") === 0) {
    return "Please ensure that function response turn comes immediately after a function call turn.";
  }
  const calls = count(content, "functionCall");
  if (calls === 0) return undefined;
  if (content?.role !== "model" || before === undefined || before.role === "model") {
    return "Please ensure that function call turn comes immediately after a user turn or after a function response turn.";
  }
  return count(contents[index + 1], "functionResponse") === calls
    ? undefined
    : "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.";
}

function count(content: GeminiContent | undefined, kind: "functionCall" | "functionResponse"): number {
  return partsOf(content).filter((part) => part[kind] !== undefined).length;
}

/** Of parallel calls only the first needs its signature; of calls one after the other each does. */
function signatureComplaint(contents: readonly GeminiContent[]): string | undefined {
  const start = turnStart(contents);
  for (const [index, content] of contents.entries()) {
    if (index <= start) continue;
    const first = partsOf(content).find((part) => part.functionCall !== undefined);
    if (first === undefined || first.thoughtSignature !== undefined) continue;
    return `Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call \`default_api:${first.functionCall?.name}\` , position ${
      index + 1
    }. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details.`;
  }
  return undefined;
}
