import assert from "node:assert/strict";
import { describeRoutes, putBetweenMarks } from "../.ci/write_api_reference.ts";

const THING = {
  description: "Takes the role operator.",
  summary: "Changes it",
  tags: ["provider"],
  parameters: [{ name: "slug", in: "path" }, { name: "dry", in: "query" }],
  requestBody: {
    content: {
      "application/json": { schema: { properties: { name: {}, isEnabled: {} }, required: ["name"] } },
    },
  },
  responses: { "200": { content: { "application/json": {} } } },
};

Deno.test("describeRoutes() tells of each route what it takes, who may and what comes", () => {
  const health = { description: "Open to everyone.", summary: "Tells", tags: ["health"], responses: {} };
  const followed = { ...health, responses: { "200": { content: { "text/event-stream": {} } } } };

  const written = describeRoutes({
    paths: {
      "/health": { get: health, head: followed },
      "/admin/providers/{slug}": { put: THING, patch: THING },
      "/admin/news": { get: { ...health, tags: ["news"] } },
    },
  });

  const lines = written.split("\n").filter((line) => /^(###|\| `)/.test(line));
  assert.deepEqual(lines, [
    "### The process",
    "| `GET /health` |  | anyone | Tells |",
    "| `HEAD /health` |  | anyone | Tells (events) |",
    "### Providers",
    "| `PUT, PATCH /admin/providers/{slug}` | ?dry; **name**, isEnabled | operator | Changes it |",
    "### Others",
    "| `GET /admin/news` |  | anyone | Tells |",
  ]);
});

Deno.test("putBetweenMarks() keeps what is written by hand, and refuses a text without marks", () => {
  const text = "By hand.\n<!-- routes: begin (deno task api) -->\nold\n<!-- routes: end -->\nBy hand, too.\n";

  const put = putBetweenMarks(text, "new\n");

  assert.match(put, /^By hand\.\n<!--.*-->\n\nnew\n\n<!--.*-->\nBy hand, too\.\n$/);
  assert.throws(() => putBetweenMarks("By hand.", "new"), /Cannot write the routes/);
});
