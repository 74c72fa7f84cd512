import assert from "node:assert/strict";
import { GROUP_STRATEGIES } from "../../src/core/group.ts";
import { SUCCEEDED } from "../../src/core/verdict.ts";
import { listGroups } from "../../src/store/group_store.ts";
import { verdictOf } from "../pool/samples.ts";
import { at, listAt, textAt } from "../support/admin_under_test.ts";
import { withGroups } from "./groups_under_test.ts";

const MEMBERS = [{ provider: "b", tier: 1, weight: 9, isEnabled: false }, { provider: "a" }];

Deno.test("POST /admin/groups makes a group with members by slug, in memory and in the database", () =>
  withGroups(async (admin) => {
    const body = { slug: "team", name: "Team", strategy: "round_robin", isEnabled: false, members: MEMBERS };

    const added = await admin.call("POST", "/admin/groups", body);

    const [stored] = await listGroups(admin.deps.db);
    assert.equal(added.status, 201);
    assert.deepEqual(added.json, {
      ...body,
      id: stored?.id,
      members: [
        {
          provider: "b",
          tier: 1,
          weight: 9,
          isEnabled: false,
          isReady: true,
          health: 1,
          latencyMs: null,
          inFlight: 0,
          share: 0,
        },
        {
          provider: "a",
          tier: 0,
          weight: 1,
          isEnabled: true,
          isReady: true,
          health: 1,
          latencyMs: null,
          inFlight: 0,
          share: 1,
        },
      ],
    });
    assert.deepEqual(await admin.done("GET", "/admin/groups/team"), added.json);
    assert.deepEqual(await admin.done("GET", "/admin/groups"), { groups: [added.json] });
    assert.deepEqual(admin.deps.groups.find("team"), stored);
    assert.deepEqual(admin.changes, [{ kind: "group", ids: [stored?.id] }]);
  }));

Deno.test("POST /admin/groups needs no more than a slug, and takes every strategy", () =>
  withGroups(async (admin) => {
    const bare = await admin.done("POST", "/admin/groups", { slug: "bare" });
    for (const strategy of GROUP_STRATEGIES) {
      await admin.done("POST", "/admin/groups", { slug: `g-${strategy}`, strategy });
    }

    assert.deepEqual({ ...Object(bare), id: "" }, {
      id: "",
      slug: "bare",
      name: "bare",
      isEnabled: true,
      strategy: "weighted",
      members: [],
    });
  }));

Deno.test("POST and PUT /admin/groups answer 422 with the wrong field, and change nothing", () =>
  withGroups(async (admin) => {
    await admin.done("POST", "/admin/groups", { slug: "team", members: [{ provider: "a" }] });
    const wrong = [
      ["slug", { slug: "No Slug" }],
      ["slug", { slug: "admin" }],
      ["name", { slug: "x", name: "" }],
      ["strategy", { slug: "x", strategy: "psychic" }],
      ["isEnabled", { slug: "x", isEnabled: 1 }],
      ["members", { slug: "x", members: "a" }],
      ["members.0.provider", { slug: "x", members: [{ provider: "nobody" }] }],
      ["members.1.provider", { slug: "x", members: [{ provider: "a" }, { provider: "a" }] }],
      ["members.0.weight", { slug: "x", members: [{ provider: "a", weight: 1001 }] }],
      ["members.0.tier", { slug: "x", members: [{ provider: "a", tier: -1 }] }],
      ["members.0.share", { slug: "x", members: [{ provider: "a", share: 1 }] }],
      ["id", { slug: "x", id: "y" }],
    ] as const;

    await admin.refuses("POST", "/admin/groups", [["slug", {}], ...wrong]);
    await admin.refuses("PUT", "/admin/groups/team", wrong, "/admin/groups");
  }));

Deno.test("PUT /admin/groups/:slug keeps what is left out, and members that are given replace all", () =>
  withGroups(async (admin) => {
    await admin.done("POST", "/admin/groups", { slug: "team", name: "Team", members: MEMBERS });

    const renamed = await admin.done("PATCH", "/admin/groups/team", { slug: "crew" });
    const changed = await admin.done("PUT", "/admin/groups/crew", { members: [{ provider: "c" }] });
    const cleared = await admin.done("PUT", "/admin/groups/crew", { members: [], isEnabled: false });

    assert.deepEqual(listAt(renamed, "members").map((member) => at(member, "provider")), ["b", "a"]);
    assert.equal(at(renamed, "name"), "Team");
    assert.deepEqual(listAt(changed, "members").map((member) => at(member, "provider")), ["c"]);
    assert.deepEqual(listAt(cleared, "members"), []);
    assert.deepEqual(await listGroups(admin.deps.db), admin.deps.groups.list());
    assert.equal((await admin.call("GET", "/admin/groups/team")).status, 404);
  }));

Deno.test("groups and providers answer 409 for each other's slugs", () =>
  withGroups(async (admin) => {
    await admin.done("POST", "/admin/groups", { slug: "team" });
    const provider = { slug: "team", baseUrl: "http://127.0.0.1:9" };

    const answers = [
      await admin.call("POST", "/admin/groups", { slug: "a" }),
      await admin.call("PUT", "/admin/groups/team", { slug: "b" }),
      await admin.call("POST", "/admin/providers", provider),
      await admin.call("PUT", "/admin/providers/a", { slug: "team" }),
    ];

    assert.deepEqual(answers.map(({ status }) => status), [409, 409, 409, 409]);
    assert.equal(textAt(answers[0]?.json, "error", "message"), "Cannot save group: slug a is taken");
  }));

Deno.test("DELETE /admin/groups/:slug leaves the providers, and what is gone answers 404", () =>
  withGroups(async (admin) => {
    await admin.done("POST", "/admin/groups", { slug: "team", members: MEMBERS });

    const deleted = await admin.done("DELETE", "/admin/groups/team");
    const gone = [
      await admin.call("GET", "/admin/groups/team"),
      await admin.call("PUT", "/admin/groups/team", {}),
      await admin.call("DELETE", "/admin/groups/team"),
    ];

    assert.deepEqual(deleted, { message: "Group team deleted", slug: "team" });
    assert.deepEqual(gone.map(({ status }) => status), [404, 404, 404]);
    assert.deepEqual(await listGroups(admin.deps.db), []);
    assert.equal(listAt(await admin.done("GET", "/admin/providers"), "providers").length, 3);
  }));

Deno.test("GET /admin/groups/:slug shows how the members stand, and none of a provider that is gone", () =>
  withGroups(async (admin) => {
    const members = [{ provider: "a", weight: 3 }, { provider: "b" }, { provider: "c" }];
    await admin.done("POST", "/admin/groups", { slug: "team", members });
    const { groups, live } = admin.deps;
    const a = live.find("a");
    assert.ok(a !== undefined);
    for (const verdict of [SUCCEEDED, verdictOf("provider_down")]) groups.note(a, verdict, 250);
    await admin.done("PUT", "/admin/keys/" + live.find("c")?.pool.entries(0, 1)[0]?.key.id, {
      isActive: false,
    });

    const shown = await admin.done("GET", "/admin/groups/team");
    await admin.done("DELETE", "/admin/providers/b");
    const left = await admin.done("PUT", "/admin/groups/team", { name: "Left" });

    const columns = ["provider", "isReady", "health", "latencyMs", "share"];
    assert.deepEqual(listAt(shown, "members").map((member) => columns.map((name) => at(member, name))), [
      ["a", true, 0.735, 250, 0.688],
      ["b", true, 1, null, 0.312],
      ["c", false, 1, null, 0],
    ]);
    assert.deepEqual(listAt(left, "members").map((member) => at(member, "provider")), ["a", "c"]);
  }));
