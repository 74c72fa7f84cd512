import assert from "node:assert/strict";

Deno.test({
  name: "openTraces() gives Deno's OpenTelemetry one span a request and one an attempt, under it",
  // It cannot print spans yet.
  ignore: Deno.version.deno.startsWith("2.5."),
}, async () => {
  const program = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", `${import.meta.dirname}/program_traces.ts`],
    cwd: `${import.meta.dirname}/../..`,
    env: { OTEL_DENO: "true", OTEL_EXPORTER_OTLP_PROTOCOL: "console", NO_COLOR: "1" },
  });

  const { stdout, stderr } = await program.output();

  const lines = new TextDecoder().decode(new Uint8Array([...stdout, ...stderr])).split("\n");
  const spans = lines.flatMap((line) => /^SPAN (\w+) \[(\w+)\/(\w+)\]/.exec(line) ?? []).length / 4;
  const request = lines.map((line) => /^SPAN request \[\w+\/(\w+)\]/.exec(line)?.[1]).find((id) =>
    id !== undefined
  );
  const parents = lines.flatMap((line) => /^ {2}parent: (\w+)/.exec(line)?.[1] ?? []);
  assert.equal(spans, 3);
  assert.ok(request !== undefined);
  assert.deepEqual(parents, [request, request]);
  assert.ok(lines.some((line) => line.trim() === "keyturn.verdict: key_limited"));
  assert.ok(lines.some((line) => line.trim() === "gen_ai.usage.input_tokens: 10"));
});
