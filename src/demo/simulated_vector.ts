/**
 * A vector for a text, the same for the same text, of length 1. Values come from a xorshift generator that is
 * seeded with an FNV-1a hash of the text, so different texts point elsewhere.
 */
export function vectorOf(text: string, dimensions: number): Float32Array<ArrayBuffer> {
  let state = 2166136261;
  for (let index = 0; index < text.length; index++) {
    state = Math.imul(state ^ text.charCodeAt(index), 16777619);
  }
  if (state === 0) state = 1;
  const vector = new Float32Array(dimensions);
  let sum = 0;
  for (let index = 0; index < dimensions; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const value = state / 2147483648;
    vector[index] = value;
    sum += value * value;
  }
  const norm = Math.sqrt(sum) || 1;
  return vector.map((value) => value / norm);
}

/** The vector as OpenAI's `encoding_format: "base64"` has it: little-endian float32. */
export function base64Of(vector: Float32Array<ArrayBuffer>): string {
  const view = new DataView(new ArrayBuffer(vector.length * 4));
  vector.forEach((value, index) => view.setFloat32(index * 4, value, true));
  let binary = "";
  for (let index = 0; index < view.byteLength; index++) binary += String.fromCharCode(view.getUint8(index));
  return btoa(binary);
}
