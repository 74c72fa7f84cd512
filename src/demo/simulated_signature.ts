/**
 * What a provider gives with a thought so that it knows it again: the same for the same thought, so that it can be
 * verified without remembering any.
 */
export function signatureOf(issuer: "anthropic" | "gemini", thought: string): string {
  return btoa(`${issuer}:${hashOf(thought)}`);
}

/** Whether the signature is of this issuer and of this thought; a thought that was not told fits any. */
export function isSignatureOf(issuer: "anthropic" | "gemini", thought: string, signature: string): boolean {
  return thought === "" ? hasIssuer(issuer, signature) : signature === signatureOf(issuer, thought);
}

function hasIssuer(issuer: string, signature: string): boolean {
  try {
    return atob(signature).startsWith(`${issuer}:`);
  } catch {
    return false; // Not even base64.
  }
}

/** FNV-1a in hexadecimal. */
function hashOf(text: string): string {
  let hash = 2166136261;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 16777619);
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}
