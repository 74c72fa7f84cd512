import assert from "node:assert/strict";
import { releaseNotes } from "../../.ci/release_notes.ts";

const CHANGELOG = `# Changes

## [Unreleased]

## [0.2.0] - 2027-01-02

### Added

- Something new ([#12](https://example.org/12)).

## [0.1.0] - 2026-11-21

- The first.

[0.2.0]: https://example.org/compare/v0.1.0...v0.2.0
[0.1.0]: https://example.org/releases/v0.1.0
`;

Deno.test("releaseNotes() gives the section of a version without its heading and the references at the end", () => {
  assert.equal(
    releaseNotes(CHANGELOG, "0.2.0"),
    "### Added\n\n- Something new ([#12](https://example.org/12)).\n",
  );
  assert.equal(releaseNotes(CHANGELOG, "0.1.0"), "- The first.\n");
});

Deno.test("releaseNotes() refuses a version that has no section, or an empty one", () => {
  for (const version of ["0.3.0", "0.1", "Unreleased"]) {
    assert.throws(() => releaseNotes(CHANGELOG, version), /^Error: Cannot publish/, version);
  }
});
