import assert from "node:assert/strict";
import { type Command, readArguments, USAGE, usageOf } from "../../src/cli/arguments.ts";

const GOOD: readonly [args: readonly string[], command: Command][] = [
  [[], { name: "serve" }],
  [["serve"], { name: "serve" }],
  [["demo"], { name: "demo", seconds: undefined }],
  [["demo", "--seconds", "4"], { name: "demo", seconds: 4 }],
  [["demo", "--seconds", "0.5"], { name: "demo", seconds: 0.5 }],
  [["help"], { name: "help" }],
  [["-h"], { name: "help" }],
  [["--help"], { name: "help" }],
  [["--version"], { name: "version" }],
  [["-V"], { name: "version" }],
  [["version"], { name: "version" }],
  // Asked for next to a command, help is still what is wanted.
  [["demo", "--help"], { name: "help", of: "demo" }],
  [["serve", "-h"], { name: "help", of: "serve" }],
  [["help", "backup"], { name: "help", of: "backup" }],
  [["doctor"], { name: "doctor" }],
  [["rotate-secret"], { name: "rotate-secret" }],
  [["reset-password"], { name: "reset-password", isFromStdin: false }],
  [["reset-password", "--password-stdin"], { name: "reset-password", isFromStdin: true }],
  [["backup", "a file.db"], { name: "backup", file: "a file.db" }],
  [["restore", "a.db"], { name: "restore", file: "a.db" }],
];

const WRONG: readonly (readonly string[])[] = [
  ["nonsense"],
  ["--port", "80"],
  [""],
  ["serve", "now"],
  ["demo", "--seconds"],
  ["demo", "--seconds", "x"],
  ["demo", "--seconds", "0"],
  ["demo", "--seconds", "-1"],
  ["demo", "--seconds", "Infinity"],
  ["demo", "--seconds", "4", "5"],
  ["demo", "--minutes", "4"],
  ["doctor", "now"],
  ["rotate-secret", "--fast"],
  // A password never stands among the arguments.
  ["reset-password", "hunter22"],
  ["reset-password", "--password=hunter22"],
  ["backup"],
  ["backup", ""],
  ["backup", "a", "b"],
  ["backup", "--force"],
  ["restore"],
  ["help", "serve", "demo"],
];

Deno.test("readArguments() reads every command", () => {
  for (const [args, command] of GOOD) assert.deepEqual(readArguments(args), command, args.join(" "));
});

Deno.test("readArguments() says in one line what is wrong", () => {
  for (const args of WRONG) {
    const fault = readArguments(args);
    assert.ok(typeof fault === "string" && fault !== "" && !fault.includes("\n"), args.join(" "));
  }
});

Deno.test("readArguments() repeats no word that may be a password", () => {
  assert.doesNotMatch(String(readArguments(["reset-password", "hunter22"])), /hunter22/);
});

Deno.test("usageOf() tells more of one command, and of all when there is no such one", () => {
  assert.match(usageOf("restore"), /^keyturn restore FILE\n\nputs a backup/);
  assert.equal(usageOf("nonsense"), USAGE);
  for (const [, name = ""] of USAGE.matchAll(/^ {2}keyturn ([a-z-]+)/gm)) {
    assert.notEqual(usageOf(name), USAGE, `${name} is known`);
  }
});
