/** The vector with length 1; one of zeros stays as it is. */
export function withUnitLength(vector: readonly number[]): number[] {
  let sum = 0;
  for (const value of vector) sum += value * value;
  const length = Math.sqrt(sum);
  return length === 0 ? [...vector] : vector.map((value) => value / length);
}

/**
 * The vector as OpenAI's `encoding_format: "base64"` has it: little-endian float32.
 * Source: https://github.com/openai/openai-node, src/resources/embeddings.ts, which asks for it by default
 */
export function base64OfVector(vector: readonly number[]): string {
  const view = new DataView(new ArrayBuffer(vector.length * 4));
  vector.forEach((value, index) => view.setFloat32(index * 4, value, true));
  const bytes = new Uint8Array(view.buffer);
  let binary = "";
  // Arguments of one call are limited.
  for (let at = 0; at < bytes.length; at += 8192) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(binary);
}

/** What `base64OfVector` wrote, or `undefined` when it is none. */
export function vectorOfBase64(text: string): number[] | undefined {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    // Not base64 is an answer here, not a failure.
    return undefined;
  }
  if (binary.length === 0 || binary.length % 4 !== 0) return undefined;
  const view = new DataView(new ArrayBuffer(binary.length));
  for (let at = 0; at < binary.length; at++) view.setUint8(at, binary.charCodeAt(at));
  return Array.from({ length: binary.length / 4 }, (_, index) => view.getFloat32(index * 4, true));
}

/** The list as numbers, or `undefined` when it is empty or holds anything else. */
export function numbersOf(list: unknown): number[] | undefined {
  if (!Array.isArray(list) || list.length === 0) return undefined;
  const numbers = list.filter((value) => typeof value === "number" && Number.isFinite(value));
  return numbers.length === list.length ? numbers : undefined;
}
