import { AppError } from "../errors.ts";
import { dialectOf } from "../dialect/dialects.ts";
import type { Provider } from "../core/provider.ts";
import type { EmbedAnswer, EmbedRequest } from "../translate/embed.ts";
import {
  readGeminiBatchEmbed,
  readGeminiEmbed,
  readGeminiEmbedAnswer,
  writeGeminiEmbed,
  writeGeminiEmbedAnswer,
} from "../translate/embed_gemini.ts";
import {
  readOpenAiEmbed,
  readOpenAiEmbedAnswer,
  writeOpenAiEmbed,
  writeOpenAiEmbedAnswer,
} from "../translate/embed_openai.ts";
import { Losses } from "../translate/losses.ts";
import { type Crossing, outgoingOf, type WholeBack } from "./crossing.ts";
import type { Operation } from "./operation.ts";
import type { Asked } from "./translation.ts";

type EmbedForm = Extract<Operation, { kind: "embed" }>["form"];

/** Embeddings for providers of other dialects. */
export class EmbedTranslation {
  readonly #asked: Asked;
  readonly #form: EmbedForm;
  readonly #request: EmbedRequest;
  readonly #ignored: readonly string[];

  /** @throws {AppError} `invalid_request` */
  constructor(asked: Asked, { form }: Extract<Operation, { kind: "embed" }>) {
    this.#asked = asked;
    this.#form = form;
    const losses = new Losses();
    this.#request = readEmbed(form, asked, losses);
    this.#ignored = losses.list();
  }

  /** @throws {AppError} `invalid_request` */
  to({ dialect }: Provider, model: string): Crossing {
    const request = { ...this.#request, model };
    const losses = new Losses();
    const written = dialect === "gemini"
      ? writeGeminiEmbed(request, { losses })
      : writeOpenAiEmbed(request, { losses });
    const [first, ...more] = written.map((each) => outgoingOf(each, this.#asked.outgoing));
    if (first === undefined) throw new AppError("invalid_request", "Cannot embed nothing");
    return {
      dialect: dialectOf(dialect),
      outgoing: first,
      more,
      model: this.#asked.model,
      isBearer: false,
      ignored: [...new Set([...this.#ignored, ...losses.list()])],
      back: {
        readWhole: (answers) =>
          this.#write(
            joined(answers.map((answer) =>
              dialect === "gemini" ? readGeminiEmbedAnswer(answer, request) : readOpenAiEmbedAnswer(answer)
            )),
          ),
        openStream: undefined,
      },
    };
  }

  #write(answer: EmbedAnswer): WholeBack {
    const { inputTokens } = answer;
    const { model, encoding } = this.#request;
    return {
      json: this.#form === "openai"
        ? writeOpenAiEmbedAnswer(answer, { model: this.#asked.askedModel ?? model, encoding })
        : writeGeminiEmbedAnswer(answer, { isBatch: this.#form === "gemini_batch" }),
      usage: inputTokens === undefined ? undefined : { inputTokens },
    };
  }
}

function readEmbed(form: EmbedForm, { json, modelInPath }: Asked, losses: Losses): EmbedRequest {
  const path = { model: modelInPath, isStream: false };
  switch (form) {
    case "openai":
      return readOpenAiEmbed(json, losses);
    case "gemini_one":
      return readGeminiEmbed(json, path, losses);
    case "gemini_batch":
      return readGeminiBatchEmbed(json, path, losses);
  }
}

/** The answers to a request that was sent in parts, as one. */
function joined(answers: readonly EmbedAnswer[]): EmbedAnswer {
  const vectors = answers.flatMap((each) => each.vectors);
  let inputTokens: number | undefined = 0;
  for (const each of answers) {
    inputTokens = inputTokens === undefined || each.inputTokens === undefined
      ? undefined
      : inputTokens + each.inputTokens;
  }
  return inputTokens === undefined ? { vectors } : { vectors, inputTokens };
}
