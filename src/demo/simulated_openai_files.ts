import {
  jsonAnswer,
  type SimulatedAnswer,
  type SimulatedRequest,
  type StoredFile,
  type World,
} from "./simulated_dialect.ts";
import { badParameter, missingParameter } from "./simulated_openai_errors.ts";

/** Latin-1 keeps one character a byte, so that lengths in the text are lengths in the body. */
const decoder = new TextDecoder("latin1");

/** POST /v1/files with `purpose` and `file`. Source: https://platform.openai.com/docs/api-reference/files/create */
export function uploadFile(request: SimulatedRequest, world: World): SimulatedAnswer {
  const boundary = /^multipart\/form-data;.*boundary="?([^";]+)"?/i.exec(
    request.headers.get("content-type") ?? "",
  )?.[1];
  if (boundary === undefined) {
    return badParameter("Invalid Content-Type header. Expected multipart/form-data.", null, null);
  }
  const parts = partsOf(decoder.decode(request.body), boundary);
  const upload = parts.find((part) => part.name === "file");
  const purpose = parts.find((part) => part.name === "purpose");
  if (purpose === undefined) return missingParameter("purpose");
  if (upload === undefined) return missingParameter("file");
  const file = {
    id: `file-${request.number}`,
    filename: upload.filename ?? "upload",
    bytes: upload.value.length,
    purpose: purpose.value,
    createdAt: Math.floor(request.nowMs / 1000),
  };
  world.files.push(file);
  return jsonAnswer(200, fileObject(file));
}

/** GET /v1/files. */
export function listFiles(world: World): SimulatedAnswer {
  const data = world.files.map(fileObject);
  return jsonAnswer(200, {
    object: "list",
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: false,
  });
}

interface Part {
  readonly name: string;
  readonly filename: string | undefined;
  readonly value: string;
}

/** The parts of a multipart body. Source: RFC 7578 */
function partsOf(body: string, boundary: string): Part[] {
  return body.split(`--${boundary}`).slice(1, -1).flatMap((section) => {
    const end = section.indexOf("\r\n\r\n");
    if (end < 0) return [];
    const head = section.slice(0, end);
    const name = /[; ]name="([^"]*)"/.exec(head)?.[1];
    const filename = /filename="([^"]*)"/.exec(head)?.[1];
    return name === undefined ? [] : [{ name, filename, value: section.slice(end + 4).replace(/\r\n$/, "") }];
  });
}

function fileObject(file: StoredFile) {
  return {
    id: file.id,
    object: "file",
    bytes: file.bytes,
    created_at: file.createdAt,
    filename: file.filename,
    purpose: file.purpose,
    status: "processed",
  };
}
