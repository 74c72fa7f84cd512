/** What `deno compile` put behind the runtime in an executable. */
export interface CompiledPayload {
  readonly entryPoint: string;
  /** Grants by name (`allow_net`); an empty list grants all of a kind, `null` nothing. */
  readonly permissions: Readonly<Record<string, unknown>>;
  /** Unstable features that are switched on. */
  readonly features: readonly string[];
  readonly files: readonly EmbeddedFile[];
}

export interface EmbeddedFile {
  /** Relative to the root of the embedded file system, with forward slashes. */
  readonly path: string;
  readonly bytes: number;
  /** What stood in the file when it was embedded. */
  readonly content: Uint8Array;
}

/**
 * Reads the payload of a Linux executable that Deno 2.9 compiled: an ELF note of owner "SUI", in it the name
 * and the magic "d3n0l4nd", then parts with a length before each (metadata, npm snapshot, remote modules, file
 * system, contents). Works without running the executable, so the runtime in front of it may be anything.
 * @throws {Error} naming what is not as expected.
 */
export function readCompiledPayload(elf: Uint8Array): CompiledPayload {
  const parts = new PartReader(findNote(elf));
  parts.skipText(MAGIC);
  const metadata = asRecord(JSON.parse(decoder.decode(parts.next())), "metadata");
  parts.next(); // The npm snapshot: which versions were resolved, as in deno.lock.
  parts.skipZeros(NO_REMOTE_MODULES_BYTES);
  const fileSystem: unknown = JSON.parse(decoder.decode(parts.next()));
  const contents = parts.next();
  return {
    entryPoint: asText(metadata["entrypoint_key"], "entrypoint_key"),
    permissions: asRecord(metadata["permissions"], "permissions"),
    features: asList(asRecord(metadata["unstable_config"], "unstable_config")["features"], "features")
      .map((feature) => asText(feature, "features")),
    files: asList(fileSystem, "file system").flatMap((entry) => [...listFiles(entry, "", contents)]),
  };
}

const decoder = new TextDecoder("utf-8", { fatal: true });
const MAGIC = "d3n0l4nd";
/** Three counts of four bytes: specifiers, redirects, modules. All of ours come from npm or this folder. */
const NO_REMOTE_MODULES_BYTES = 12;

const PT_NOTE = 4;
const PROGRAM_HEADER_BYTES = 56;

/** The content of the note behind its name. ELF-64, little-endian (elf(5)). */
function findNote(elf: Uint8Array): Uint8Array {
  const view = new DataView(elf.buffer, elf.byteOffset, elf.byteLength);
  if (view.getUint32(0, false) !== 0x7f454c46 || elf[4] !== 2 || elf[5] !== 1) {
    throw new Error("Cannot read the executable: it is no 64-bit little-endian ELF file");
  }
  const tableAt = Number(view.getBigUint64(32, true));
  const count = view.getUint16(56, true);
  for (let index = 0; index < count; index++) {
    const header = tableAt + index * PROGRAM_HEADER_BYTES;
    if (view.getUint32(header, true) !== PT_NOTE) continue;
    const at = Number(view.getBigUint64(header + 8, true));
    const ownerBytes = view.getUint32(at, true);
    const contentBytes = view.getUint32(at + 4, true);
    if (latin1(elf.subarray(at + 12, at + 12 + ownerBytes)) !== "SUI\0") continue;
    const contentAt = at + 12 + Math.ceil(ownerBytes / 4) * 4;
    const nameBytes = view.getUint16(contentAt, true);
    const name = latin1(elf.subarray(contentAt + 2, contentAt + 2 + nameBytes));
    if (name === MAGIC) return elf.subarray(contentAt + 2 + nameBytes, contentAt + contentBytes);
  }
  throw new Error("Cannot read the executable: it holds no payload of deno compile");
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** Reads parts with a length of eight bytes, little-endian, before each. */
class PartReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  next(): Uint8Array {
    const length = Number(this.#view.getBigUint64(this.#at, true));
    const start = this.#at + 8;
    this.#at = start + length;
    if (this.#at > this.#bytes.byteLength) throw new Error("Cannot read the payload: a part is cut off");
    return this.#bytes.subarray(start, this.#at);
  }

  skipText(expected: string): void {
    const found = latin1(this.#bytes.subarray(this.#at, this.#at + expected.length));
    if (found !== expected) {
      throw new Error(`Cannot read the payload: ${expected} does not stand at its start`);
    }
    this.#at += expected.length;
  }

  skipZeros(count: number): void {
    const skipped = this.#bytes.subarray(this.#at, this.#at + count);
    if (skipped.some((byte) => byte !== 0)) {
      throw new Error("Cannot read the payload: it holds remote modules, or has another form");
    }
    this.#at += count;
  }
}

/** `{Dir: {n, e}}`, `{File: {n, o: [at, bytes]}}` or `{Symlink: {n}}`. */
function* listFiles(entry: unknown, folder: string, contents: Uint8Array): Generator<EmbeddedFile> {
  const [[kind, value] = []] = Object.entries(asRecord(entry, "entry"));
  const fields = asRecord(value, "entry");
  const path = folder + asText(fields["n"], "name");
  if (kind === "Dir") {
    for (const child of asList(fields["e"], "entries")) yield* listFiles(child, `${path}/`, contents);
  } else if (kind === "File") {
    const [at, bytes] = asList(fields["o"], "offset").map(Number);
    const content = contents.subarray(at, Number(at) + Number(bytes));
    if (content.length !== bytes) throw new Error(`Cannot read the payload: ${path} is cut off`);
    yield { path, bytes, content };
  } else if (kind !== "Symlink") {
    throw new Error(`Cannot read the payload: an embedded file system has no ${kind}`);
  }
}

function asRecord(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (isRecord(value)) return value;
  throw new Error(`Cannot read the payload: ${name} is no object`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function asList(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Error(`Cannot read the payload: ${name} is no list`);
}

function asText(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  throw new Error(`Cannot read the payload: ${name} is no text`);
}
