import { Buffer } from "node:buffer";

/**
 * Every way in which a text may hold a secret: as it is, in a URL, in JSON, in base64 (also in the middle of a longer
 * text that was coded, where only the characters count that nothing around it changes). The longest first; without
 * doubles.
 */
export function formsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const forms = new Set([secret, encodeUri(secret), json, json.replaceAll("/", "\\/")]);
  for (const form of base64Forms(secret)) {
    forms.add(form).add(form.replaceAll("+", "-").replaceAll("/", "_"));
  }
  return [...forms].sort((a, b) => b.length - a.length);
}

function encodeUri(secret: string): string {
  // A lone surrogate cannot be encoded; toWellFormed replaces it.
  return encodeURIComponent(secret.toWellFormed());
}

function base64Forms(secret: string): string[] {
  const whole = Buffer.from(secret).toString("base64");
  const cores = [0, 1, 2].flatMap((shift) => {
    const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(secret)]);
    // Six bits a character: the first ones share theirs with what stands before, the last one with what follows.
    const core = bytes.toString("base64").slice(Math.ceil(shift * 8 / 6), Math.floor(bytes.length * 8 / 6));
    return core.length >= MIN_CORE_CHARS ? [core] : [];
  });
  return [whole, whole.replace(/=+$/, ""), ...cores];
}

/** A shorter one could stand in other data by chance. */
const MIN_CORE_CHARS = 12;
