import { type Bytes, headerValue, isBytes } from "../core/http.ts";
import { providerModel } from "../core/provider.ts";
import type { Provider } from "../core/provider.ts";
import { addStringMember, findStringMember, replaceStringMember } from "./json_member.ts";
import { replaceModelInForm } from "./request_body.ts";
import type { OutgoingRequest } from "./upstream_request.ts";

/** Where a request names its model: nowhere when the default is filled in, or when it needs none. */
export type ModelPlace = "path" | "body" | "query" | "nowhere";

/** A request whose model goes by other names at some providers; it is written anew once for each name. */
export class NamedModel {
  /** As the caller wrote it. */
  readonly #asCame: OutgoingRequest;
  readonly #place: ModelPlace;
  /** The caller's name, as it stands there. */
  readonly #asked: string | undefined;
  #renamed: Map<string, OutgoingRequest> | undefined;

  constructor(asCame: OutgoingRequest, place: ModelPlace, asked: string | undefined) {
    this.#asCame = asCame;
    this.#place = place;
    this.#asked = asked;
  }

  /** The request as it names `model`. A body that was too large to keep stays as it came. */
  as(model: string | undefined): OutgoingRequest {
    if (model === undefined || model === this.#asked) return this.#asCame;
    const known = this.#renamed?.get(model);
    if (known !== undefined) return known;
    const renamed = this.#rename(model);
    this.#renamed ??= new Map();
    this.#renamed.set(model, renamed);
    return renamed;
  }

  #rename(model: string): OutgoingRequest {
    const asCame = this.#asCame;
    switch (this.#place) {
      case "path":
        return renamedInPath(asCame, this.#asked ?? "", model);
      case "query":
        return { ...asCame, query: renamedInQuery(asCame.query, model) };
      case "body":
      case "nowhere":
        if (asCame.body === undefined || !isBytes(asCame.body)) return asCame;
        return { ...asCame, body: renamedInBody(asCame, asCame.body, model) };
    }
  }
}

/** A provider's own name of the model that a plan asks for. What passes as it is keeps the caller's. */
export function nameAt(
  { model, outgoing }: { readonly model: string | undefined; readonly outgoing: OutgoingRequest },
  provider: Provider,
): string | undefined {
  return model === undefined || outgoing.isRaw || provider.dialect === "rest"
    ? model
    : providerModel(provider, model);
}

function renamedInPath(asCame: OutgoingRequest, asked: string, model: string): OutgoingRequest {
  // What a URL's path may not hold is encoded; slashes are part of some names.
  const written = encodeURI(model).replaceAll(/[?#]/g, encodeURIComponent);
  const rest = ["/models/", "/tunedModels/", "/deployments/"].reduce(
    (path, prefix) => path.replace(prefix + asked, () => prefix + written),
    asCame.rest,
  );
  const { body } = asCame;
  if (body === undefined || !isBytes(body)) return { ...asCame, rest };
  return { ...asCame, rest, body: renamedInGemini(body, `models/${asked}`, `models/${model}`) };
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Gemini's embeddings and token counts repeat the model of the path in the body, as `models/…`. */
function renamedInGemini(body: Bytes, asked: string, model: string): Bytes {
  const text = decoder.decode(body);
  if (!text.includes(`"${asked}"`)) return body;
  const renamed: unknown = JSON.parse(
    text,
    (name, value: unknown) => name === "model" && value === asked ? model : value,
  );
  return encoder.encode(JSON.stringify(renamed));
}

function renamedInBody({ headers }: OutgoingRequest, body: Bytes, model: string): Bytes {
  if ((headerValue(headers, "content-type") ?? "").startsWith("multipart/form-data")) {
    return replaceModelInForm(body, model);
  }
  const member = findStringMember(body, "model");
  return member === undefined
    ? addStringMember(body, "model", model)
    : replaceStringMember(body, member, model);
}

function renamedInQuery(query: string, model: string): string {
  return query.split("&")
    .map((pair) => pair.startsWith("model=") ? `model=${encodeURIComponent(model)}` : pair).join("&");
}
