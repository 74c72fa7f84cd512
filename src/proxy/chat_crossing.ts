import type { Provider } from "../core/provider.ts";
import type { Verdict } from "../core/verdict.ts";
import { dialectOf } from "../dialect/dialects.ts";
import { AppError } from "../errors.ts";
import type { ChatAnswer } from "../translate/chat_answer.ts";
import type { ChatRequest } from "../translate/chat_request.ts";
import { Losses } from "../translate/losses.ts";
import { asksOpenAiChatForUsage } from "../translate/openai_chat_caller.ts";
import {
  type AnswerTold,
  AnswerUnreadableError,
  type CallerSide,
  type RequestTold,
  type UpstreamSide,
} from "../translate/sides.ts";
import { callerSideOf, upstreamSideOf } from "../translate/translations.ts";
import { type Crossing, outgoingOf, type StreamBack, type WayBack, type WholeBack } from "./crossing.ts";
import type { Operation } from "./operation.ts";
import { ThoughtCollector } from "./thought_collector.ts";
import { failureOf, TranslatedStream } from "./translate_stream.ts";
import type { Asked } from "./translation.ts";

/** A conversation for providers of other dialects: read once, written for each of them. */
export class ChatTranslation {
  readonly #asked: Asked;
  readonly #caller: CallerSide;
  readonly #chat: ChatRequest;
  /** What no other provider can have. */
  readonly #ignored: readonly string[];
  readonly #mustTellUsage: boolean;

  /** @throws {AppError} `invalid_request` */
  constructor(asked: Asked, { protocol, isStream }: Extract<Operation, { kind: "chat" }>) {
    this.#asked = asked;
    this.#caller = callerSideOf(protocol);
    const losses = new Losses();
    this.#chat = this.#caller.readRequest(asked.json, { model: asked.modelInPath, isStream }, losses);
    this.#ignored = losses.list();
    this.#mustTellUsage = protocol !== "openai_chat" || asksOpenAiChatForUsage(asked.json);
  }

  /** @throws {AppError} `invalid_request` for what cannot be carried to this dialect. */
  to({ dialect }: Provider, model: string): Crossing {
    const asked = this.#asked;
    if (dialect === "rest") {
      throw new AppError("invalid_request", "Cannot translate for an API without a dialect");
    }
    const upstream = upstreamSideOf(dialect);
    const losses = new Losses();
    const chat = { ...this.#chat, model };
    const written = upstream.writeRequest(chat, requestTold(asked, this.#caller, losses));
    return {
      dialect: dialectOf(dialect),
      outgoing: outgoingOf(written, asked.outgoing),
      model: asked.model,
      more: [],
      isBearer: false,
      ignored: [...new Set([...this.#ignored, ...losses.list()])],
      back: this.#back(upstream, chat),
    };
  }

  #back(upstream: UpstreamSide, chat: ChatRequest): WayBack {
    return {
      readWhole: ([answer]) => this.#readWhole(upstream, answer),
      openStream: chat.isStream ? () => this.#openStream(upstream) : undefined,
    };
  }

  #readWhole(upstream: UpstreamSide, body: unknown): WholeBack {
    const answer = upstream.readAnswer(body);
    const failure = failureIn(answer);
    if (failure !== undefined) return { json: undefined, usage: answer.usage, failure };
    const { thoughts, owner } = this.#asked;
    if (this.#forgetsThoughts(upstream)) thoughts.remember(owner, answer.choices[0]?.parts ?? []);
    return { json: this.#caller.writeAnswer(answer, this.#told()), usage: answer.usage };
  }

  #openStream(upstream: UpstreamSide): StreamBack {
    const { thoughts, owner, isJsonArray } = this.#asked;
    const witness = this.#forgetsThoughts(upstream)
      ? new ThoughtCollector((parts) => thoughts.remember(owner, parts))
      : undefined;
    const contentType = this.#caller.protocol === "gemini" && isJsonArray
      ? "application/json"
      : "text/event-stream; charset=utf-8";
    return new TranslatedStream(
      contentType,
      upstream.openStream(),
      this.#caller.openStream(this.#told()),
      witness,
    );
  }

  /** The other dialects have a place for what providers want back. */
  #forgetsThoughts({ protocol }: UpstreamSide): boolean {
    return this.#caller.protocol === "openai_chat" && (protocol === "gemini" || protocol === "anthropic");
  }

  #told(): AnswerTold {
    const { requestId, nowMs, isJsonArray, askedModel } = this.#asked;
    return {
      model: askedModel ?? this.#chat.model,
      requestId,
      nowSeconds: Math.floor(nowMs / 1000),
      mustTellUsage: this.#mustTellUsage,
      isJsonArray,
      request: this.#chat,
    };
  }
}

/** What writers of requests are told beside the request. */
export function requestTold(
  { thoughts, owner }: Asked,
  { nameOf }: Pick<CallerSide, "nameOf">,
  losses: Losses,
): RequestTold {
  return { losses, nameOf, recall: (callId) => thoughts.recall(owner, callId) };
}

/** An answer whose every choice ended badly before anything was in it. */
function failureIn({ choices }: ChatAnswer): Verdict | undefined {
  const [first] = choices;
  if (first === undefined) throw new AnswerUnreadableError("it has no choice");
  const isFailed = choices.every(({ finish, parts }) =>
    finish.reason === "failed" &&
    parts.every(({ kind }) => kind === "thinking" || kind === "redacted_thinking")
  );
  if (!isFailed) return undefined;
  return {
    kind: "ok_empty",
    scope: "request",
    action: "answer",
    isConclusive: true,
    rule: "translate.failed_end",
    reason: failureOf(first.finish),
  };
}
