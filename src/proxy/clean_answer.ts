import type { Secret } from "../core/secret.ts";
import { eraserOf } from "../dialect/key_eraser.ts";
import type { UpstreamAnswer } from "../transport/transport.ts";
import { inflated } from "./inflate.ts";

/**
 * A provider's answer as everything behind may see it: not compressed, and nowhere in its body the key that it was
 * asked with.
 * @throws TransportError "protocol" for a good answer in a coding that cannot be read
 */
export function cleanAnswer(answer: UpstreamAnswer, secret: Secret): UpstreamAnswer {
  const { status, headers, body } = inflated(answer);
  // The words of a refusal are cleaned where they are told, with every key that was tried.
  return { status, headers, body: status >= 400 ? body : eraserOf(secret).clean(body) };
}
