import type { Provider } from "../core/provider.ts";
import { dialectOf } from "../dialect/dialects.ts";
import { AppError } from "../errors.ts";
import { readAnthropicCount, writeAnthropicCount } from "../translate/anthropic_count.ts";
import { anthropicCountRequest } from "../translate/anthropic_request_writer.ts";
import type { ChatRequest } from "../translate/chat_request.ts";
import { estimateInputTokens } from "../translate/count_estimate.ts";
import { readGeminiCount } from "../translate/gemini_answer_reader.ts";
import { writeGeminiCount } from "../translate/gemini_answer_writer.ts";
import { readGeminiCountRequest } from "../translate/gemini_request_reader.ts";
import { geminiCountRequest } from "../translate/gemini_request_writer.ts";
import { Losses } from "../translate/losses.ts";
import {
  readResponsesCount,
  readResponsesCountRequest,
  responsesCountRequest,
  writeResponsesCount,
} from "../translate/openai_responses_count.ts";
import type { ChatProtocol, RequestTold, WrittenRequest } from "../translate/sides.ts";
import { callerSideOf, type SpokenDialect } from "../translate/translations.ts";
import { requestTold } from "./chat_crossing.ts";
import { type Crossing, outgoingOf } from "./crossing.ts";
import type { Operation } from "./operation.ts";
import type { Asked } from "./translation.ts";

type Count = Extract<Operation, { kind: "count" }>;

/** Whether this provider has an endpoint that counts tokens; those who imitate OpenAI have none. */
export function canCount({ dialect, vendor }: Pick<Provider, "dialect" | "vendor">): boolean {
  return dialect === "openai" ? vendor === "openai" : dialect !== "rest";
}

/** A prompt whose tokens are to be counted by providers of other dialects, or here. */
export class CountTranslation {
  readonly #asked: Asked;
  readonly #form: Count["form"];
  readonly #chat: ChatRequest;

  /** @throws {AppError} `invalid_request` */
  constructor(asked: Asked, { form }: Count) {
    this.#asked = asked;
    this.#form = form;
    // What an answer would need and a count does not is left out without a word.
    this.#chat = readCount(form, asked, new Losses());
  }

  /** What is told without asking anybody. */
  estimate(): unknown {
    return writeCount(this.#form, estimateInputTokens(this.#chat));
  }

  /** @throws {AppError} `invalid_request` */
  to(provider: Provider, model: string): Crossing {
    const { dialect } = provider;
    if (dialect === "rest" || !canCount(provider)) {
      throw new AppError("invalid_request", `Cannot count tokens: ${provider.slug} has no such endpoint`);
    }
    const { write, read } = COUNTERS[dialect];
    const caller = callerSideOf(PROTOCOLS[this.#form]);
    const told = requestTold(this.#asked, caller, new Losses());
    return {
      dialect: dialectOf(dialect),
      outgoing: outgoingOf(write({ ...this.#chat, model }, told), this.#asked.outgoing),
      more: [],
      model: this.#asked.model,
      isBearer: false,
      ignored: [],
      back: {
        readWhole: ([answer]) => ({ json: writeCount(this.#form, read(answer)), usage: undefined }),
        openStream: undefined,
      },
    };
  }
}

interface Counter {
  readonly write: (request: ChatRequest, told: RequestTold) => WrittenRequest;
  readonly read: (answer: unknown) => number;
}

const COUNTERS: Readonly<Record<SpokenDialect, Counter>> = {
  openai: { write: responsesCountRequest, read: readResponsesCount },
  anthropic: { write: anthropicCountRequest, read: readAnthropicCount },
  gemini: { write: geminiCountRequest, read: readGeminiCount },
};

const PROTOCOLS: Readonly<Record<Count["form"], ChatProtocol>> = {
  openai_responses: "openai_responses",
  anthropic: "anthropic",
  gemini: "gemini",
};

function readCount(form: Count["form"], { json, modelInPath }: Asked, losses: Losses): ChatRequest {
  const path = { model: modelInPath, isStream: false };
  switch (form) {
    case "openai_responses":
      return readResponsesCountRequest(json, losses);
    case "anthropic":
      return callerSideOf("anthropic").readRequest(json, path, losses);
    case "gemini":
      return readGeminiCountRequest(json, path, losses);
  }
}

function writeCount(form: Count["form"], inputTokens: number): unknown {
  switch (form) {
    case "openai_responses":
      return writeResponsesCount(inputTokens);
    case "anthropic":
      return writeAnthropicCount(inputTokens);
    case "gemini":
      return writeGeminiCount(inputTokens);
  }
}
