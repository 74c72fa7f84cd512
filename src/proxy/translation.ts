import type { Provider } from "../core/provider.ts";
import { AppError } from "../errors.ts";
import type { LiveProvider } from "../pool/live_providers.ts";
import { ChatTranslation } from "./chat_crossing.ts";
import { canCount, CountTranslation } from "./count_crossing.ts";
import type { Crossing } from "./crossing.ts";
import { EmbedTranslation } from "./embed_crossing.ts";
import { nameAt } from "./named_model.ts";
import { compatibleCrossing } from "./openai_compatible.ts";
import type { Operation } from "./operation.ts";
import type { ThoughtMemory } from "./thought_memory.ts";
import type { OutgoingRequest } from "./upstream_request.ts";

/** What is known of a request when it is to be translated. */
export interface Asked {
  /** As the caller wrote it. */
  readonly outgoing: OutgoingRequest;
  readonly dialect: Provider["dialect"];
  readonly operation: Operation | undefined;
  /** The parsed body, with the model in it if the caller's dialect writes it there. */
  readonly json: unknown;
  /** The model as the caller wrote it. */
  readonly askedModel: string | undefined;
  readonly modelInPath: string | undefined;
  /** The caller's name of it, aliases resolved. */
  readonly model: string | undefined;
  /** Whether a Gemini stream is to be one JSON array. */
  readonly isJsonArray: boolean;
  readonly requestId: string;
  readonly nowMs: number;
  /** Id of the client key. */
  readonly owner: string | undefined;
  readonly thoughts: ThoughtMemory;
}

type Reading = ChatTranslation | EmbedTranslation | CountTranslation;

/**
 * One request for providers that are not asked in the caller's own dialect. It is made only when there are such; the
 * body is read when the first of them is to be asked, and written once for each dialect and name of the model.
 */
export class Translation {
  readonly #asked: Asked;
  #reading: Reading | AppError | undefined;
  readonly #crossings = new Map<string, Crossing | AppError>();

  constructor(asked: Asked) {
    this.#asked = asked;
  }

  /** How a provider is asked; `undefined` for one that is asked in the caller's own dialect. @throws {AppError} */
  to(provider: Provider): Crossing | undefined {
    const crossing = this.#crossingTo(provider);
    if (crossing instanceof AppError) throw crossing;
    return crossing;
  }

  /** Why a provider cannot be asked this, or `undefined`. */
  refusalOf(provider: Provider): AppError | undefined {
    const crossing = this.#crossingTo(provider);
    return crossing instanceof AppError ? crossing : undefined;
  }

  /** Whether the tokens are to be counted here, because whoever is to be asked first cannot. */
  mustEstimate([first]: readonly LiveProvider[]): boolean {
    return this.#asked.operation?.kind === "count" && first !== undefined &&
      first.provider.dialect !== this.#asked.dialect && !canCount(first.provider);
  }

  /** Tokens counted here. @throws {AppError} `invalid_request` */
  estimate(): unknown {
    const { operation } = this.#asked;
    if (operation?.kind === "count") return new CountTranslation(this.#asked, operation).estimate();
    throw new AppError("internal", "Cannot estimate tokens: they were not asked for");
  }

  #crossingTo(provider: Provider): Crossing | AppError | undefined {
    if (provider.dialect === this.#asked.dialect) return undefined;
    const name = nameAt(this.#asked, provider);
    const place = `${provider.dialect} ${provider.vendor} ${provider.translate} ${name ?? ""}`;
    let crossing = this.#crossings.get(place);
    if (crossing === undefined) {
      crossing = refusable(() => this.#cross(provider, name));
      this.#crossings.set(place, crossing);
    }
    return crossing;
  }

  #cross(provider: Provider, name: string | undefined): Crossing {
    const compatible = compatibleCrossing(this.#asked, provider, name);
    if (compatible !== undefined) return compatible;
    if (name === undefined) {
      throw new AppError("invalid_request", "Cannot serve this request: model is missing", {
        details: { param: "model" },
      });
    }
    this.#reading ??= refusable(() => read(this.#asked));
    if (this.#reading instanceof AppError) throw this.#reading;
    return this.#reading.to(provider, name);
  }
}

/** @throws {AppError} `invalid_request` for what cannot be read, in the caller's words. */
function read(asked: Asked): Reading {
  const { operation } = asked;
  switch (operation?.kind) {
    case "chat":
      return new ChatTranslation(asked, operation);
    case "embed":
      return new EmbedTranslation(asked, operation);
    case "count":
      return new CountTranslation(asked, operation);
    case undefined:
      throw new AppError("invalid_request", "Cannot translate this request: only its own dialect has it");
  }
}

function refusable<T>(work: () => T): T | AppError {
  try {
    return work();
  } catch (error) {
    // Kept: another provider may take the request all the same.
    if (error instanceof AppError) return error;
    throw error;
  }
}
