import assert from "node:assert/strict";
import type { Imported, ImportedKey, ImportedProvider } from "../../src/imports/imported.ts";
import { readImport } from "../../src/imports/read_import.ts";

const FIXTURES = new URL("../fixtures/imports/", import.meta.url);

/** The text of a fixture. */
export function fixture(name: string): Promise<string> {
  return Deno.readTextFile(new URL(name, FIXTURES));
}

export async function readFixture(name: string): Promise<Imported> {
  return await readImport(await fixture(name));
}

/** Names of all fixtures. */
export async function fixtureNames(): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(FIXTURES));
  return entries.map(({ name }) => name).filter((name) => name !== "SOURCES.md").toSorted();
}

/** The provider of this slug; fails the test when there is none. */
export function providerOf({ providers }: Imported, slug: string): ImportedProvider {
  const found = providers.find((each) => each.slug === slug);
  assert.ok(found !== undefined, `${slug} among ${providers.map((each) => each.slug).join(", ")}`);
  return found;
}

/** Keys by the end of their secret, each with what is told of it. */
export function keysOf({ keys }: ImportedProvider): Record<string, Omit<ImportedKey, "secret" | "place">> {
  return Object.fromEntries(
    keys.map(({ secret, place: _, ...rest }) => [secret.reveal().slice(-4), rest]),
  );
}

/** What is left out, in short: `place reason what`. */
export function leftOutOf({ leftOut }: Imported): string[] {
  return leftOut.map(({ place, reason, what }) =>
    [place, reason, what].filter((each) => each !== undefined).join(" ")
  );
}
