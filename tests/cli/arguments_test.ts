import assert from "node:assert/strict";
import { type Command, readArguments } from "../../src/cli/arguments.ts";

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
  [["demo", "--help"], { name: "help" }],
  [["serve", "-h"], { name: "help" }],
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
