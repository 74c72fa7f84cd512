import { type Body, isBytes } from "../core/http.ts";

/** What the proxy path answers, whatever front it leaves through. */
export interface Answer {
  readonly status: number;
  readonly headers: [name: string, value: string][];
  readonly body: Body | undefined;
}

/** The thin adapter to `Deno.serve`. */
export function toResponse(answer: Answer): Response {
  const { status, body } = answer;
  const init = { status, headers: headersInit(answer.headers) };
  if (body === undefined || status === 204 || status === 304) {
    if (body !== undefined && !isBytes(body)) body.cancel();
    return new Response(null, init);
  }
  if (isBytes(body)) return new Response(body, init);
  const source = body;
  return new Response(
    new ReadableStream<Uint8Array>({
      async pull(controller) {
        const chunk = await source.read();
        if (chunk === undefined) controller.close();
        else controller.enqueue(chunk);
      },
      cancel: () => source.cancel(),
    }, { highWaterMark: 0 }),
    init,
  );
}

/**
 * An object where no name comes twice: the platform reads it without its conversions of a list, which take
 * longer than all of our own work on the headers.
 */
function headersInit(headers: [name: string, value: string][]): HeadersInit {
  const init: Record<string, string> = {};
  for (const [name, value] of headers) {
    if (init[name] !== undefined) return headers;
    init[name] = value;
  }
  return init;
}
