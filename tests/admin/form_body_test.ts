import assert from "node:assert/strict";
import { z } from "zod";
import { bodyOfForm } from "../../src/admin/form_body.ts";

const schema = z.strictObject({
  name: z.string(),
  note: z.string().exactOptional(),
  count: z.number().int().nullable(),
  isOn: z.boolean(),
  tags: z.array(z.string()),
  sizes: z.array(z.number()),
  headers: z.record(z.string(), z.string()),
  place: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("bearer") }),
    z.strictObject({ kind: z.literal("header"), name: z.string() }),
  ]),
  mode: z.enum(["a", "b"]),
  members: z.array(z.strictObject({ slug: z.string(), tier: z.number() })),
  keys: z.union([z.string(), z.array(z.string())]),
  limits: z.strictObject({ perMinute: z.number().nullable() }).partial(),
}).partial();

function read(fields: Record<string, string | string[]>): unknown {
  const form = Object.entries(fields).map(([name, value]) =>
    [name, typeof value === "string" ? [value] : value] as const
  );
  return bodyOfForm(new Map(form), schema);
}

Deno.test("bodyOfForm() reads each field as its schema means it", () => {
  const cases: [fields: Record<string, string | string[]>, body: unknown][] = [
    [{ name: "1", count: " 12 " }, { name: "1", count: 12 }],
    [{ count: "twelve" }, { count: "twelve" }],
    [{ isOn: ["false", "true"] }, { isOn: true }],
    [{ isOn: ["false"] }, { isOn: false }],
    [{ tags: "a\n b , c\n\n" }, { tags: ["a", "b", "c"] }],
    [{ tags: ["a", "b"] }, { tags: ["a", "b"] }],
    [{ tags: "" }, { tags: [] }],
    [{ tags: '["x,y"]' }, { tags: ["x,y"] }],
    [{ sizes: "1\n2\nx" }, { sizes: [1, 2, "x"] }],
    [{ headers: "x-team: a=b\nm = n:free" }, { headers: { "x-team": "a=b", m: "n:free" } }],
    [{ headers: "" }, { headers: {} }],
    [{ "place.kind": "bearer", "place.name": "" }, { place: { kind: "bearer" } }],
    [{ "place.kind": "header", "place.name": "x-key" }, { place: { kind: "header", name: "x-key" } }],
    [{ mode: "", "place.kind": "" }, {}],
    [{ keys: "one\ntwo:3" }, { keys: "one\ntwo:3" }],
    [{ "limits.perMinute": "5" }, { limits: { perMinute: 5 } }],
    [
      { "members.4.slug": "b", "members.4.tier": "1", "members.0.slug": "a", "members.0.tier": "0" },
      { members: [{ slug: "a", tier: 0 }, { slug: "b", tier: 1 }] },
    ],
    [{ unknown: "x" }, { unknown: "x" }],
  ];

  for (const [fields, body] of cases) assert.deepEqual(read(fields), body, JSON.stringify(fields));
});

Deno.test("bodyOfForm() gives null for an empty field where that is taken, and leaves others out", () => {
  assert.deepEqual(read({ name: "", note: "", count: "", "limits.perMinute": "" }), {
    count: null,
    limits: { perMinute: null },
  });
});

Deno.test("bodyOfForm() gives a required text that is empty as it is, for its schema to refuse", () => {
  const body = bodyOfForm(new Map([["name", [""]]]), z.object({ name: z.string().min(1) }));

  assert.deepEqual(body, { name: "" });
});

Deno.test("bodyOfForm() lets no field reach beyond the body", () => {
  const body = bodyOfForm(new Map([["__proto__.isAdmin", ["true"]], ["a.__proto__.b", ["1"]]]), schema);

  assert.equal(Object.getPrototypeOf(Object(body)), Object.prototype);
  assert.equal("isAdmin" in Object({}), false);
});
