import denoConfig from "../deno.json" with { type: "json" };

/**
 * The section of a version in a change log that is kept as keepachangelog.com has it, without its heading.
 * @throws {Error} when there is none, or nothing in it.
 */
export function releaseNotes(changelog: string, version: string): string {
  const [, ...sections] = changelog.split(/^## /m);
  const section = sections.find((each) => /^\[?([^\s\]]+)/.exec(each)?.[1] === version);
  // References to versions stand at the end of the file, in the last section.
  const notes = section?.replace(/^.*\n/, "").replace(/^\[[^\]]+\]: .*$/gm, "").trim();
  if (notes === undefined || notes === "") {
    throw new Error(`Cannot publish ${version}: the change log has no section of it`);
  }
  return notes + "\n";
}

/** Prints the notes of the version that `deno.json` names; its tag, given as argument, must name the same. */
if (import.meta.main) {
  const { version } = denoConfig;
  const [tag] = Deno.args;
  if (tag !== `v${version}`) throw new Error(`Cannot publish ${tag}: deno.json has version ${version}`);
  const changelog = await Deno.readTextFile(new URL("../docs/CHANGELOG.md", import.meta.url));
  Deno.stdout.writeSync(new TextEncoder().encode(releaseNotes(changelog, version)));
}
