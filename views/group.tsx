import type { GroupShown, MemberShown } from "./groups.tsx";
import { Layout } from "./layout.tsx";
import type { Markup } from "./markup.ts";
import { Badge } from "./parts/badge.tsx";
import { Confirm } from "./parts/confirm.tsx";
import { AsCurl, CopyText } from "./parts/copy.tsx";
import { EmptyState } from "./parts/empty_state.tsx";
import { Facts } from "./parts/figures.tsx";
import { Table } from "./parts/table.tsx";
import { mayChange } from "./providers.tsx";
import type { View } from "./view.ts";

/** `/admin/groups/:slug` */
export function GroupPage({ view, group }: { readonly view: View; readonly group: GroupShown }): Markup {
  const { groups: texts, parts } = view.messages;
  const { slug, name, isEnabled, strategy, members } = group;
  return (
    <Layout
      view={view}
      title={name}
      actions={mayChange(view) ? <Actions view={view} group={group} /> : undefined}
    >
      <section class="card">
        <Facts
          facts={[
            { label: texts.form.slug, value: <code>{slug}</code> },
            { label: texts.form.strategy, value: texts.strategies[strategy] },
            {
              label: texts.columns.enabled,
              value: <Badge label={isEnabled ? parts.on : parts.off} tone={isEnabled ? "good" : "off"} />,
            },
          ]}
        />
      </section>
      <section aria-labelledby="members-title">
        <h2 id="members-title">{texts.members}</h2>
        <p class="hint">{texts.membersHint}</p>
        {members.length === 0
          ? <EmptyState title={texts.noMembers} />
          : <Members view={view} members={members} />}
      </section>
      <section class="card">
        <h2>{texts.callIt}</h2>
        <CopyText view={view} text={`${view.origin}/llm/${slug}/v1/chat/completions`} label={texts.callIt} />
        <AsCurl view={view} method="GET" path={`/admin/groups/${slug}`} />
      </section>
    </Layout>
  );
}

function Actions({ view, group }: { readonly view: View; readonly group: GroupShown }): Markup {
  const { groups: texts, parts } = view.messages;
  const path = `/admin/groups/${group.slug}`;
  return (
    <>
      <a class="button" href={`${path}/edit`}>{parts.edit}</a>
      <Confirm
        view={view}
        id="delete"
        label={parts.delete}
        title={texts.deleteTitle(group.name)}
        text={texts.deleteText(group.slug, group.members.length)}
        action={path}
        method="DELETE"
      />
    </>
  );
}

function Members(
  { view, members }: { readonly view: View; readonly members: readonly MemberShown[] },
): Markup {
  const { memberColumns: columns, members: caption } = view.messages.groups;
  return (
    <Table
      caption={caption}
      columns={[
        { label: columns.provider },
        { label: columns.tier, isNumber: true },
        { label: columns.weight, isNumber: true },
        { label: columns.state },
        { label: columns.health, isNumber: true },
        { label: columns.latency, isNumber: true },
        { label: columns.inFlight, isNumber: true },
        { label: columns.share, isNumber: true },
      ]}
    >
      {[...members].sort((one, other) => one.tier - other.tier).map((member) => (
        <Member view={view} member={member} />
      ))}
    </Table>
  );
}

function Member({ view, member }: { readonly view: View; readonly member: MemberShown }): Markup {
  const { groups: { memberColumns: columns, ready, notReady }, parts } = view.messages;
  const { format } = view;
  const state = !member.isEnabled
    ? <Badge label={parts.off} tone="off" />
    : <Badge label={member.isReady ? ready : notReady} tone={member.isReady ? "good" : "bad"} />;
  return (
    <tr class={member.isEnabled ? undefined : "off"}>
      <th scope="row">
        <a href={`/admin/providers/${member.provider}`}>{member.provider}</a>
      </th>
      <td data-label={columns.tier} class="number">{format.number(member.tier)}</td>
      <td data-label={columns.weight} class="number">{format.number(member.weight)}</td>
      <td data-label={columns.state}>{state}</td>
      <td data-label={columns.health} class="number">{format.percent(member.health)}</td>
      <td data-label={columns.latency} class="number">
        {member.latencyMs === null ? "–" : format.duration(member.latencyMs)}
      </td>
      <td data-label={columns.inFlight} class="number">{format.number(member.inFlight)}</td>
      <td data-label={columns.share} class="number">{format.percent(member.share)}</td>
    </tr>
  );
}
