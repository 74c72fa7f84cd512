import type { GroupStrategy } from "../src/core/group.ts";
import { Layout } from "./layout.tsx";
import type { Markup } from "./markup.ts";
import { Badge } from "./parts/badge.tsx";
import { AsCurl } from "./parts/copy.tsx";
import { EmptyState } from "./parts/empty_state.tsx";
import { Switch } from "./parts/switch.tsx";
import { Table } from "./parts/table.tsx";
import { mayChange } from "./providers.tsx";
import type { View } from "./view.ts";

/** A provider in a group, and how it stands now. */
export interface MemberShown {
  readonly provider: string;
  readonly tier: number;
  readonly weight: number;
  readonly isEnabled: boolean;
  readonly isReady: boolean;
  /** From 0 to 1. */
  readonly health: number;
  readonly latencyMs: number | null;
  readonly inFlight: number;
  /** The part of its tier's requests that it gets now, from 0 to 1. */
  readonly share: number;
}

export interface GroupShown {
  readonly slug: string;
  readonly name: string;
  readonly isEnabled: boolean;
  readonly strategy: GroupStrategy;
  readonly members: readonly MemberShown[];
}

/** `/admin/groups` */
export function GroupsPage(
  { view, groups }: { readonly view: View; readonly groups: readonly GroupShown[] },
): Markup {
  const { groups: texts } = view.messages;
  const add = mayChange(view)
    ? <a class="button primary" href="/admin/groups/new">{texts.add}</a>
    : undefined;
  return (
    <Layout view={view} title={texts.title} lead={texts.lead} actions={add}>
      {groups.length === 0
        ? <EmptyState title={texts.empty} hint={texts.emptyHint}>{add}</EmptyState>
        : (
          <Table
            caption={texts.title}
            columns={[
              { label: texts.columns.group },
              { label: texts.columns.strategy },
              { label: texts.columns.members },
              { label: texts.columns.enabled },
            ]}
          >
            {groups.map((group) => <GroupRow view={view} group={group} />)}
          </Table>
        )}
      <AsCurl view={view} method="GET" path="/admin/groups" />
    </Layout>
  );
}

/** One row: in the page, and after its switch was turned. */
export function GroupRow({ view, group }: { readonly view: View; readonly group: GroupShown }): Markup {
  const { groups: texts, parts } = view.messages;
  const { slug, name, isEnabled, strategy, members } = group;
  return (
    <tr id={`group-${slug}`} class={isEnabled ? undefined : "off"}>
      <th scope="row">
        <a href={`/admin/groups/${slug}`}>{name}</a>
        <span class="sub code">{`/llm/${slug}`}</span>
      </th>
      <td data-label={texts.columns.strategy}>{texts.strategies[strategy]}</td>
      <td data-label={texts.columns.members}>
        <MembersNow view={view} members={members} />
      </td>
      <td data-label={texts.columns.enabled}>
        {mayChange(view)
          ? (
            <Switch
              view={view}
              action={`/admin/groups/${slug}`}
              isOn={isEnabled}
              label={isEnabled ? texts.turnOff(name) : texts.turnOn(name)}
              target={`#group-${slug}`}
            />
          )
          : isEnabled
          ? parts.on
          : parts.off}
      </td>
    </tr>
  );
}

/** Who is in it, and how many of them can serve. */
function MembersNow(
  { view, members }: { readonly view: View; readonly members: readonly MemberShown[] },
): Markup {
  const { groups: texts } = view.messages;
  if (members.length === 0) return <Badge label={texts.noMembers} tone="bad" />;
  const ready = members.filter(({ isReady, isEnabled }) => isReady && isEnabled).length;
  return (
    <Badge
      label={texts.membersReady(ready, members.length)}
      tone={ready === members.length ? "good" : ready === 0 ? "bad" : "wait"}
      reason={members.map(({ provider }) => provider).join(", ")}
    />
  );
}
