import { z } from "zod";
import { type Group, GROUP_STRATEGIES, type GroupMember } from "../core/group.ts";
import { memberShares } from "../core/group_order.ts";
import { MAX_WEIGHT, MIN_WEIGHT } from "../core/provider_key.ts";
import { AppError } from "../errors.ts";
import type { LiveGroups } from "../pool/live_groups.ts";
import type { ModelIndex } from "../pool/model_index.ts";
import { createGroup, deleteGroup, setGroup } from "../store/group_store.ts";
import { GroupPage } from "../../views/group.tsx";
import { GroupForm, groupFormState, NEW_GROUP } from "../../views/group_form.tsx";
import { GroupRow, GroupsPage } from "../../views/groups.tsx";
import { action } from "./action.ts";
import type { AdminDeps } from "./deps.ts";
import { slugField, unprocessable, withoutUndefined } from "./provider_form.ts";
import { slugParams } from "./providers.ts";

/** What the actions on groups and aliases work on besides. */
export interface GroupDeps extends AdminDeps {
  readonly groups: LiveGroups;
  readonly models: ModelIndex;
}

const memberForm = z.strictObject({
  /** Slug of the provider. */
  provider: z.string(),
  tier: z.number().int().min(0).max(1000).default(0),
  weight: z.number().int().min(MIN_WEIGHT).max(MAX_WEIGHT).default(1),
  isEnabled: z.boolean().default(true),
});

const groupFields = z.strictObject({
  slug: slugField,
  name: z.string().min(1).max(200),
  isEnabled: z.boolean(),
  strategy: z.enum(GROUP_STRATEGIES),
  members: z.array(memberForm).max(1000),
});

const newGroupForm = groupFields.partial().required({ slug: true });
const groupForm = groupFields.partial();

/** What the API shows of a group, each member with how it stands now. */
export const groupAnswer = z.object({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  isEnabled: z.boolean(),
  strategy: z.enum(GROUP_STRATEGIES),
  members: z.array(z.object({
    provider: z.string(),
    tier: z.number(),
    weight: z.number(),
    isEnabled: z.boolean(),
    isReady: z.boolean(),
    health: z.number(),
    latencyMs: z.number().nullable(),
    inFlight: z.number(),
    share: z.number(),
  })),
});

/** `GET /admin/groups` */
export function listGroups(deps: GroupDeps) {
  return action({
    answer: z.object({ groups: z.array(groupAnswer) }),
    run: () => ({ groups: deps.groups.list().map((group) => groupView(deps, group)) }),
    page: ({ groups }, { view }) => GroupsPage({ view: view(), groups }),
  });
}

/** `GET /admin/groups/:slug`, each member with how it stands now. */
export function showGroup(deps: GroupDeps) {
  return action({
    params: slugParams,
    answer: groupAnswer,
    run: ({ params }) => groupView(deps, requireGroup(deps, params.slug)),
    page: (group, { view }) => GroupPage({ view: view(), group }),
  });
}

/** `GET /admin/groups/new`: the form, for a browser; programs get the providers that may become members. */
export function newGroup(deps: GroupDeps) {
  return action({
    answer: z.object({ providers: z.array(z.object({ slug: z.string(), name: z.string() })) }),
    run: () => ({ providers: membersToChoose(deps) }),
    page: ({ providers }, { view }) => GroupForm({ view: view(), form: NEW_GROUP, providers }),
  });
}

/** `GET /admin/groups/:slug/edit`: the form, for a browser; programs get the group. */
export function editGroupForm(deps: GroupDeps) {
  return action({
    params: slugParams,
    answer: groupAnswer,
    run: ({ params }) => groupView(deps, requireGroup(deps, params.slug)),
    page: (group, { view }) =>
      GroupForm({
        view: view(),
        form: groupFormState(group),
        edited: group,
        providers: membersToChoose(deps),
      }),
  });
}

/** `POST /admin/groups`: 201 with the group. */
export function addGroup(deps: GroupDeps) {
  return action({
    body: newGroupForm,
    answer: groupAnswer,
    status: 201,
    run: ({ body: { members = [], ...given }, note }) =>
      deps.inTurn(async () => {
        const draft = {
          slug: given.slug,
          name: given.name ?? given.slug,
          isEnabled: given.isEnabled ?? true,
          strategy: given.strategy ?? "weighted",
          members: membersFrom(deps, members),
        };
        const group = await createGroup(deps.db, draft, deps.stamp());
        deps.groups.set(group);
        await deps.noteChange({ kind: "group", ids: [group.id] });
        note({ target: group.slug });
        return groupView(deps, group);
      }),
    done: ({ slug, name }, { view }) => ({
      to: `/admin/groups/${slug}`,
      flash: view().messages.groups.created(name),
    }),
    form: (form, { view }) => GroupForm({ view: view(), form, providers: membersToChoose(deps) }),
  });
}

/** `PUT|PATCH /admin/groups/:slug`: what is left out stays; members that are given replace all members. */
export function editGroup(deps: GroupDeps) {
  return action({
    params: slugParams,
    body: groupForm,
    answer: groupAnswer,
    run: ({ params, body: { members, ...given } }) =>
      deps.inTurn(async () => {
        const group = requireGroup(deps, params.slug);
        const changed = await setGroup(deps.db, {
          ...group,
          ...withoutUndefined(given),
          members: members === undefined ? group.members : membersFrom(deps, members),
        });
        if (changed === undefined) throw unknownGroup(group.slug);
        deps.groups.set(changed);
        await deps.noteChange({ kind: "group", ids: [changed.id] });
        return groupView(deps, changed);
      }),
    fragment: (group, { view }) => GroupRow({ view: view(), group }),
    done: ({ slug, name }, { view }) => ({
      to: `/admin/groups/${slug}`,
      flash: view().messages.groups.saved(name),
    }),
    form: (form, { view, params }) =>
      GroupForm({
        view: view(),
        form,
        edited: requireGroup(deps, params.slug),
        providers: membersToChoose(deps),
      }),
  });
}

/** `DELETE /admin/groups/:slug`; its providers stay. */
export function removeGroup(deps: GroupDeps) {
  return action({
    params: slugParams,
    answer: z.object({ message: z.string(), slug: z.string() }),
    run: ({ params }) =>
      deps.inTurn(async () => {
        const { id, slug } = requireGroup(deps, params.slug);
        if (!await deleteGroup(deps.db, id)) throw unknownGroup(slug);
        deps.groups.delete(id);
        await deps.noteChange({ kind: "group", ids: [id] });
        return { message: `Group ${slug} deleted`, slug };
      }),
    done: ({ slug }, { view }) => ({ to: "/admin/groups", flash: view().messages.groups.deleted(slug) }),
  });
}

function membersToChoose({ live }: GroupDeps): { slug: string; name: string }[] {
  return live.list().map(({ provider: { slug, name } }) => ({ slug, name }));
}

/** @throws {AppError} `unprocessable` for an unknown provider, or one that stands twice. */
function membersFrom({ live }: GroupDeps, forms: readonly z.infer<typeof memberForm>[]): GroupMember[] {
  const seen = new Set<string>();
  return forms.flatMap(({ provider: slug, ...member }, index) => {
    // A row of the form that was left empty.
    if (slug === "") return [];
    const found = live.find(slug);
    const field = `members.${index}.provider`;
    if (found === undefined) throw unprocessable(field, "is no provider's slug");
    if (seen.has(slug)) throw unprocessable(field, "stands here already");
    seen.add(slug);
    return [{ ...member, providerId: found.provider.id }];
  });
}

/** `share`: the part of its tier's requests that `weighted` sends to a member now; 0 for one that is not ready. */
function groupView({ live, groups }: GroupDeps, group: Group): z.infer<typeof groupAnswer> {
  const members = group.members.flatMap((member) => {
    const found = live.findById(member.providerId);
    return found === undefined ? [] : [{ member, found, ...groups.stateOf(member.providerId) }];
  });
  const isAsked = ({ member, found, isReady }: typeof members[number]) =>
    isReady && member.isEnabled && found.provider.isEnabled;
  return {
    ...group,
    members: members.map((standing) => {
      const { member, found, isReady, score, inFlight } = standing;
      const tier = members.filter((other) => isAsked(other) && other.member.tier === member.tier);
      const { providerId: _, ...settings } = member;
      return {
        provider: found.provider.slug,
        ...settings,
        isReady,
        health: rounded(score.health),
        latencyMs: score.latencyMs === undefined ? null : Math.round(score.latencyMs),
        inFlight,
        share: rounded(memberShares(tier)[tier.indexOf(standing)] ?? 0),
      };
    }),
  };
}

function rounded(part: number): number {
  return Math.round(part * 1000) / 1000;
}

/** @throws {AppError} `not_found` */
function requireGroup({ groups }: GroupDeps, slug: string): Group {
  const found = groups.find(slug);
  if (found === undefined) throw unknownGroup(slug);
  return found;
}

function unknownGroup(slug: string): AppError {
  return new AppError("not_found", `Cannot find group ${JSON.stringify(slug.slice(0, 64))}`);
}
