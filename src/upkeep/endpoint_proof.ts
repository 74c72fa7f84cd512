import type { Provider } from "../core/provider.ts";
import { Secret } from "../core/secret.ts";
import { placeCredential } from "../pool/credential.ts";
import { getUpstream, type UpstreamDeps } from "./upstream_get.ts";

/** Whether a request is refused with a made-up key: `open` answers everyone, `unknown` could not be asked. */
export type EndpointProof = "guarded" | "open" | "unknown";

/**
 * Tells requests that prove a key from those that a provider answers to everyone, by asking once with a key that
 * nobody has. Asked only when something would follow from it, and remembered as long as the provider's settings stay,
 * an hour at the longest.
 */
export class EndpointProofs {
  readonly #deps: UpstreamDeps;
  readonly #known = new WeakMap<
    Provider,
    { readonly proof: Promise<EndpointProof>; readonly atMs: number }
  >();

  constructor(deps: UpstreamDeps) {
    this.#deps = deps;
  }

  prove(provider: Provider, path: string): Promise<EndpointProof> {
    const nowMs = this.#deps.ticker.now();
    const known = this.#known.get(provider);
    if (known !== undefined && known.atMs + REMEMBERED_MS > nowMs) return known.proof;
    const proof = this.#ask(provider, path);
    this.#known.set(provider, { proof, atMs: nowMs });
    return proof;
  }

  async #ask(provider: Provider, path: string): Promise<EndpointProof> {
    const credential = placeCredential(NOBODYS_KEY, provider.credential);
    const { verdict } = await getUpstream(this.#deps, { provider, credential, path, maxBytes: 64 * 1024 });
    if (verdict.kind === "succeeded" || verdict.kind === "ok_empty") return "open";
    if (verdict.kind === "key_dead" || verdict.rule === "status.403") return "guarded";
    // An outage is asked about again at the next occasion.
    this.#known.delete(provider);
    return "unknown";
  }
}

const REMEMBERED_MS = 3600_000;

/** Says what it is to whoever finds it in a log; no provider has issued it. */
const NOBODYS_KEY = new Secret("keyturn-asks-whether-keys-matter-here");
