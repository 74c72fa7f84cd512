import { z } from "zod";
import { type Group, GROUP_STRATEGIES, type GroupMember } from "../core/group.ts";
import { flag, json, text } from "./columns.ts";
import type { Database, Row, Statement } from "./database.ts";
import { changeSlug, claimSlug, keepSlugUnique, releaseSlug } from "./slug_claim.ts";
import type { Stamp } from "./stamp.ts";
import { StoreError } from "./store_error.ts";

/** Every field of a group but its id. */
export type GroupDraft = Omit<Group, "id">;

/** All groups by slug, each with its members in the operator's order. */
export async function listGroups(db: Database): Promise<Group[]> {
  const rows = await db.read(`${SELECT_GROUPS} ORDER BY slug`);
  return rows.map(groupOf);
}

export async function findGroup(db: Database, id: string): Promise<Group | undefined> {
  const [row] = await db.read(`${SELECT_GROUPS} WHERE id = ?`, [id]);
  return row && groupOf(row);
}

/**
 * Members whose provider does not exist are left out: it was deleted a moment ago.
 *
 * @throws {StoreError} `taken` when a provider or another group has the slug.
 */
export async function createGroup(db: Database, draft: GroupDraft, stamp: Stamp): Promise<Group> {
  const group: Group = { ...draft, id: stamp.newId() };
  const results = await keepSlugUnique("group", group.slug, () =>
    db.write([
      claimSlug(group.slug, group.id),
      {
        sql:
          `INSERT INTO groups (id, slug, name, enabled, strategy, created_at_ms) VALUES (?, ?, ?, ?, ?, ?)`,
        args: [group.id, group.slug, group.name, group.isEnabled ? 1 : 0, group.strategy, stamp.nowMs],
      },
      insertMembers(group),
      selectGroup(group.id),
    ]));
  const [row] = results.at(-1)?.rows ?? [];
  return row === undefined ? group : groupOf(row);
}

/**
 * Replaces every field and all members, and gives what stands then (`createGroup()` says what is left out);
 * `undefined` when it does not exist.
 *
 * @throws {StoreError} `taken` when a provider or another group has the slug.
 */
export async function setGroup(db: Database, group: Group): Promise<Group | undefined> {
  const results = await keepSlugUnique("group", group.slug, () =>
    db.write([
      changeSlug(group.slug, group.id),
      {
        sql: "UPDATE groups SET slug = ?, name = ?, enabled = ?, strategy = ? WHERE id = ?",
        args: [group.slug, group.name, group.isEnabled ? 1 : 0, group.strategy, group.id],
      },
      { sql: "DELETE FROM group_members WHERE group_id = ?", args: [group.id] },
      insertMembers(group),
      selectGroup(group.id),
    ]));
  const [row] = results.at(-1)?.rows ?? [];
  return row && groupOf(row);
}

/** Deletes the group, and no provider of it; `false` when it does not exist. */
export async function deleteGroup(db: Database, id: string): Promise<boolean> {
  const results = await db.write([
    releaseSlug(id),
    // Said here and not left to ON DELETE CASCADE, which a server may have switched off.
    { sql: "DELETE FROM group_members WHERE group_id = ?", args: [id] },
    { sql: "DELETE FROM groups WHERE id = ?", args: [id] },
  ]);
  return (results.at(-1)?.changedRows ?? 0) > 0;
}

/** The members in any order: an aggregate's own ORDER BY is more than the parser of sqld 0.24 reads. */
const SELECT_GROUPS = `
  SELECT groups.*, (
    SELECT json_group_array(json_array(position, provider_id, tier, weight, enabled))
    FROM group_members WHERE group_id = groups.id
  ) AS members FROM groups`;

function selectGroup(id: string): Statement {
  return { sql: `${SELECT_GROUPS} WHERE id = ?`, args: [id] };
}

function insertMembers({ id, members }: Group): Statement {
  const rows = members.map(({ providerId, tier, weight, isEnabled }) => [
    providerId,
    tier,
    weight,
    isEnabled ? 1 : 0,
  ]);
  return {
    sql: `INSERT INTO group_members (group_id, position, provider_id, tier, weight, enabled)
          SELECT groups.id, member.key, providers.id, member.value ->> 1, member.value ->> 2, member.value ->> 3
          FROM json_each(?) AS member
          JOIN providers ON providers.id = member.value ->> 0
          JOIN groups ON groups.id = ?`,
    args: [JSON.stringify(rows), id],
  };
}

const membersSchema = z.array(z.tuple([z.number(), z.string(), z.number(), z.number(), z.number()]))
  .transform((rows) =>
    rows.sort(([one], [other]) => one - other)
      .map(([, providerId, tier, weight, enabled]): GroupMember => ({
        providerId,
        tier,
        weight,
        isEnabled: enabled !== 0,
      }))
  );

function groupOf(row: Row): Group {
  const strategy = GROUP_STRATEGIES.find((known) => known === row.strategy);
  if (strategy === undefined) {
    throw new StoreError("bad_row", `Cannot read stored group: unknown strategy ${text(row, "strategy")}`);
  }
  return {
    id: text(row, "id"),
    slug: text(row, "slug"),
    name: text(row, "name"),
    isEnabled: flag(row, "enabled"),
    strategy,
    members: json(row, "members", membersSchema),
  };
}
