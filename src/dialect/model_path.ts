/**
 * The model that a path names: `…/models/gemini-x:generateContent`, `…/tunedModels/x:…`, `…/models/gpt-x`,
 * Azure's `…/deployments/x/…`; `undefined` for other paths.
 */
export function modelInPath(path: string): string | undefined {
  const gemini = /\/(?:models|tunedModels)\/([^/:?]+)(?::[A-Za-z]+)?$/.exec(path)?.[1];
  return gemini ?? /\/deployments\/([^/:?]+)(?:\/|$)/.exec(path)?.[1];
}
