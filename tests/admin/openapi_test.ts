import assert from "node:assert/strict";
import { openApiPath } from "../../src/admin/openapi.ts";
import { at, startAdmin } from "../support/admin_under_test.ts";
import { withGroups } from "./groups_under_test.ts";
import { adminRoutes } from "../../src/admin/routes.ts";

Deno.test("openApiPath() writes parameters as OpenAPI has them", () => {
  assert.equal(openApiPath("/admin/aliases/:name{.+}"), "/admin/aliases/{name}");
  assert.equal(openApiPath("/admin/keys/:id/check"), "/admin/keys/{id}/check");
});

Deno.test("GET /admin/openapi.json has every route of the list, and no other", () =>
  withGroups(async (admin) => {
    const routes = adminRoutes(admin.deps);
    const expected = routes.flatMap(({ methods, path }) =>
      methods.map((method) => `${method} ${openApiPath(path)}`)
    );

    const document = await admin.done("GET", "/admin/openapi.json");

    const paths = Object.entries(Object(at(document, "paths")));
    const found = paths.flatMap(([path, operations]) =>
      Object.keys(Object(operations)).map((method) => `${method.toUpperCase()} ${path}`)
    );
    assert.deepEqual(found.sort(), expected.sort());
    assert.equal(at(document, "openapi"), "3.1.0");
  }));

Deno.test("GET /admin/openapi.json of the whole program has the imports, with what their query takes", async () => {
  await using admin = await startAdmin();

  const document = await admin.done("GET", "/admin/openapi.json");

  const operations = Object.entries(Object(at(document, "paths")))
    .filter(([path]) => path.startsWith("/admin/imports"))
    .flatMap(([path, methods]) => Object.keys(Object(methods)).map((method) => `${method} ${path}`));
  assert.deepEqual(operations.sort(), [
    "delete /admin/imports/{id}",
    "get /admin/imports",
    "get /admin/imports/{id}",
    "get /admin/imports/{id}/report",
    "post /admin/imports",
    "post /admin/imports/{id}/start",
  ]);
  const parameters = at(document, "paths", "/admin/imports/{id}", "get", "parameters");
  assert.ok(Array.isArray(parameters));
  assert.deepEqual(
    parameters.map((each) => [at(each, "name"), at(each, "in"), at(each, "required"), at(each, "explode")]),
    [["id", "path", true, undefined], ["into.<n>", "query", false, true]],
  );
});

Deno.test("every route has an id and a method of its own, and only these are open to everyone", () =>
  withGroups(({ deps }) => {
    const routes = adminRoutes(deps);

    const ids = routes.map(({ id }) => id);
    const lines = routes.flatMap(({ methods, path }) => methods.map((method) => `${method} ${path}`));
    const open = routes.filter(({ role }) => role === "anyone").map(({ path }) => path);

    assert.equal(new Set(ids).size, ids.length);
    assert.equal(new Set(lines).size, lines.length);
    const expected = ["/health", "/healthz", "/readyz", "/admin/setup", "/admin/login", "/admin/preferences"];
    assert.deepEqual([...new Set(open)].filter((path) => !expected.includes(path)), []);
    return Promise.resolve();
  }));

Deno.test("an answer has the form that the document says", async () => {
  await using admin = await startAdmin();
  await admin.done("POST", "/admin/providers", { preset: "groq" });
  await admin.done("POST", "/admin/keys", { provider: "groq", apiKey: "gsk_0000000001" });
  await admin.done("POST", "/admin/client-keys", { name: "me", limits: { requestsPerMinute: 1 } });
  const document = await admin.done("GET", "/admin/openapi.json");

  for (
    const path of ["/admin/providers", "/admin/client-keys", "/admin/status", "/admin/tokens", "/admin/audit"]
  ) {
    const answer = await admin.done("GET", path);
    const schema = at(
      document,
      "paths",
      path,
      "get",
      "responses",
      "200",
      "content",
      "application/json",
      "schema",
    );
    for (const name of requiredOf(schema)) {
      assert.ok(Object.hasOwn(Object(answer), name), `${path} answers with ${name}`);
    }
  }
});

function requiredOf(schema: unknown): string[] {
  const required = at(schema, "required");
  return Array.isArray(required) ? required.map(String) : [];
}
