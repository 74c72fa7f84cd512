import type { SimulatedAnswer, SimulatedDialect, SimulatedRequest } from "./simulated_dialect.ts";

/** How a provider (or one key) fails, whoever asks. */
export type OutageKind =
  | "http_500"
  /** 503 of the dialect. */
  | "http_503"
  /** 529 of Anthropic, 503 of the others. */
  | "overloaded"
  /** The connection breaks off without an answer. */
  | "reset"
  /** No answer, until the caller leaves. */
  | "hang"
  | "html_502"
  /** 200 whose JSON is an error. */
  | "error_in_200"
  /** The connection breaks off inside the answer: a stream after some events, another body at its half. */
  | "cut_stream"
  /** The stream's first event that says something is an error; other answers are not touched. */
  | "stream_error_first"
  /** The stream ends with an error after some events; other answers are not touched. */
  | "stream_error_midway"
  /** 200 with a well-formed answer that has nothing in it. */
  | "empty"
  /** 200 and no body. */
  | "empty_body";

/** An outage; `afterEvents` is how many events of a stream come through before it breaks (else 2). */
export type Outage = OutageKind | { readonly kind: OutageKind; readonly afterEvents: number };

const DEFAULT_AFTER_EVENTS = 2;

export function kindOf(outage: Outage | undefined): OutageKind | undefined {
  return typeof outage === "object" ? outage.kind : outage;
}

/** The answer of an outage that strikes before the credential is looked at; `undefined` for the others. */
export function answerOutage(
  kind: OutageKind | undefined,
  dialect: SimulatedDialect,
  request: SimulatedRequest,
): SimulatedAnswer | undefined {
  switch (kind) {
    case "http_500":
      return dialect.fail("internal", request);
    case "http_503":
      return dialect.fail("unavailable", request);
    case "overloaded":
      return dialect.fail("overloaded", request);
    case "html_502":
      return whole(502, "text/html", BAD_GATEWAY);
    default:
      return undefined;
  }
}

/** What an outage makes of a good answer. `breaksAfter`: pieces of the body that come before it breaks off. */
export function spoil(
  answer: SimulatedAnswer,
  outage: Outage | undefined,
  dialect: SimulatedDialect,
  request: SimulatedRequest,
): {
  readonly answer: SimulatedAnswer;
  readonly breaksAfter: number | undefined;
  readonly isSpoiled: boolean;
} {
  const after = typeof outage === "object" ? outage.afterEvents : DEFAULT_AFTER_EVENTS;
  switch (kindOf(outage)) {
    case "error_in_200": {
      const error = dialect.fail("internal", request);
      return {
        answer: error.kind === "whole" ? { ...error, status: 200 } : error,
        breaksAfter: undefined,
        isSpoiled: true,
      };
    }
    case "empty_body":
      return { answer: whole(200, "application/json", ""), breaksAfter: undefined, isSpoiled: true };
    case "cut_stream":
      return { answer, breaksAfter: answer.kind === "events" ? after : 1, isSpoiled: true };
    case "stream_error_first":
      if (answer.kind === "events") {
        return { answer: endedBy(answer, 0), breaksAfter: undefined, isSpoiled: true };
      }
      break;
    case "stream_error_midway":
      if (answer.kind === "events") {
        return { answer: endedBy(answer, after), breaksAfter: undefined, isSpoiled: true };
      }
      break;
  }
  return { answer, breaksAfter: undefined, isSpoiled: false };
}

const BAD_GATEWAY =
  "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n" +
  "<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n";

function endedBy(answer: SimulatedAnswer, after: number): SimulatedAnswer {
  if (answer.kind !== "events") return answer;
  const kept = answer.events.slice(0, Math.min(answer.preamble + after, answer.events.length - 1));
  const error = kept.length > 0 ? answer.laterErrorEvent ?? answer.errorEvent : answer.errorEvent;
  return { ...answer, events: [...kept, error] };
}

function whole(status: number, contentType: string, text: string): SimulatedAnswer {
  const bytes = new TextEncoder().encode(text);
  return {
    kind: "whole",
    status,
    contentType,
    bytes,
    headers: [],
    tokens: { inputTokens: 0, outputTokens: 0 },
  };
}
