import type { AttemptRecord, RequestRecord } from "../core/request_record.ts";

/** Writes the spans of a request that is over. */
export type Trace = (request: RequestRecord) => void;

/**
 * One span for each request and one for each of its attempts, by OpenTelemetry's API, which Deno exports where
 * `OTEL_DENO` is set (https://docs.deno.com/runtime/fundamentals/open_telemetry/). They are made when a request is
 * over, from what was recorded of it, so that nothing is done while it runs. Only called where tracing is on: without
 * it the library is not even loaded.
 */
export async function openTraces(): Promise<Trace> {
  const { context, SpanKind, SpanStatusCode, trace } = await import("@opentelemetry/api");
  const tracer = trace.getTracer("keyturn");
  const traceAttempt = (attempt: AttemptRecord, parent: ReturnType<typeof trace.setSpan>) => {
    const span = tracer.startSpan(
      "attempt",
      {
        kind: SpanKind.CLIENT,
        startTime: attempt.startedMs,
        attributes: {
          "keyturn.provider_id": attempt.providerId,
          "keyturn.provider_key_id": attempt.providerKeyId,
          "keyturn.verdict": attempt.kind,
          "keyturn.rule": attempt.rule,
          ...(attempt.status !== undefined && { "http.response.status_code": attempt.status }),
        },
      },
      parent,
    );
    if (attempt.kind !== "succeeded") span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(attempt.startedMs + attempt.durationMs);
  };
  return (request) => {
    const { usage, startedMs, durationMs } = request;
    const span = tracer.startSpan("request", {
      kind: SpanKind.SERVER,
      startTime: startedMs,
      root: true,
      attributes: {
        "keyturn.request_id": request.id,
        "keyturn.dialect": request.dialect,
        "keyturn.outcome": request.outcome,
        "http.response.status_code": request.status,
        ...(request.clientKeyId !== undefined && { "keyturn.client_key_id": request.clientKeyId }),
        ...(request.groupSlug !== undefined && { "keyturn.group": request.groupSlug }),
        ...(request.model !== undefined && { "gen_ai.request.model": request.model.slice(0, 200) }),
        ...(usage?.inputTokens !== undefined && { "gen_ai.usage.input_tokens": usage.inputTokens }),
        ...(usage?.outputTokens !== undefined && { "gen_ai.usage.output_tokens": usage.outputTokens }),
      },
    });
    const parent = trace.setSpan(context.active(), span);
    for (const attempt of request.attempts) traceAttempt(attempt, parent);
    if (request.outcome === "failed" || request.outcome === "interrupted") {
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end(startedMs + durationMs);
  };
}
