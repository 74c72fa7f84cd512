import type { Answer } from "./answer.ts";
import { CLIENT_GONE, type ProxiedRequest } from "./proxied_request.ts";

/** The end of a request whose caller has left: nobody reads this answer. */
export function answerNobody(request: ProxiedRequest): Answer {
  request.finish(CLIENT_GONE, "client_gone");
  return { status: CLIENT_GONE, headers: [], body: undefined };
}
