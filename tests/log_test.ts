import assert from "node:assert/strict";
import { Secret } from "../src/core/secret.ts";
import { scrub } from "../src/dialect/scrub.ts";
import { createLog, type Log, LOG_LEVELS, type LogLevel } from "../src/log.ts";

function logInto(lines: string[], level: LogLevel = "debug"): Log {
  return createLog(level, (line) => void lines.push(line), (line) => scrub(line, []));
}

function writeEach(log: Log): void {
  log.debug("a.debug");
  log.info("a.info");
  log.warn("a.warn");
  log.error("a.error");
}

Deno.test("createLog() writes one JSON line an event with time, level, event and fields", () => {
  const lines: string[] = [];

  logInto(lines).info("key.cooled", { provider: "openai", text: "two\nlines", big: 12n });

  const [line = ""] = lines;
  assert.ok(!line.includes("\n"));
  const { time, ...entry } = JSON.parse(line);
  assert.ok(Number.isFinite(Date.parse(time)));
  assert.deepEqual(entry, {
    level: "info",
    event: "key.cooled",
    provider: "openai",
    text: "two\nlines",
    big: "12",
  });
});

Deno.test("createLog() writes nothing below its level, and nothing at all when silent", () => {
  const counts = LOG_LEVELS.map((level) => {
    const lines: string[] = [];
    writeEach(logInto(lines, level));
    return lines.length;
  });

  assert.deepEqual(counts, [4, 3, 2, 1, 0]);
});

Deno.test("createLog() writes an error with its message, stack and causes", () => {
  const lines: string[] = [];
  const error = new TypeError("outer", { cause: new Error("inner") });

  logInto(lines).error("it.failed", { error });

  const entry = JSON.parse(lines[0] ?? "");
  assert.deepEqual([entry.error.name, entry.error.message], ["TypeError", "outer"]);
  assert.equal(entry.error.cause.message, "inner");
  assert.match(entry.error.stack, /log_test/);
});

Deno.test("createLog() writes neither a Secret nor what looks like a key", () => {
  const lines: string[] = [];

  logInto(lines).warn("it.leaked", {
    secret: new Secret("planted-secret"),
    reason: "Incorrect API key provided: sk-planted-0123456789",
    error: new Error("https://example.org/?key=planted-parameter"),
  });

  const [line = ""] = lines;
  assert.ok(!line.includes("planted"), line);
  assert.equal(JSON.parse(line).event, "it.leaked", "it is still JSON");
});

Deno.test("createLog() lets no field take the place of time, level or event", () => {
  const lines: string[] = [];

  logInto(lines).info("real", { event: "forged", level: "error", time: 0 });

  const entry = JSON.parse(lines[0] ?? "");
  assert.deepEqual([entry.event, entry.level], ["real", "info"]);
  assert.notEqual(entry.time, 0);
});

Deno.test("createLog() still writes the event when its fields hold themselves", () => {
  const lines: string[] = [];
  const circle: Record<string, unknown> = {};
  circle.self = circle;

  logInto(lines).error("it.turned", { circle });

  assert.equal(JSON.parse(lines[0] ?? "").event, "it.turned");
});
