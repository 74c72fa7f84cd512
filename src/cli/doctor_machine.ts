import { fault, type Finding, good } from "./finding.ts";

/** Versions, and what the runtime allows. */
export function describeMachine(version: string): Finding[] {
  const { deno, v8 } = Deno.version;
  return [
    good("versions", `keyturn ${version}, Deno ${deno}, V8 ${v8}, ${Deno.build.target}`),
    ...NEEDED.map(({ descriptor, without }) =>
      Deno.permissions.querySync(descriptor).state === "granted"
        ? undefined
        : fault("permissions", `--allow-${descriptor.name} is missing: ${without}`)
    ).filter((each) => each !== undefined),
  ];
}

/** What each permission is for; a remote database and KV need no files and no native code. */
const NEEDED: readonly { readonly descriptor: Deno.PermissionDescriptor; readonly without: string }[] = [
  { descriptor: { name: "net" }, without: "no caller and no provider can be reached" },
  { descriptor: { name: "read" }, without: "the data folder and .env cannot be read" },
  { descriptor: { name: "write" }, without: "the data folder cannot be written" },
  { descriptor: { name: "ffi" }, without: "a database in a file needs SQLite's native code" },
];
