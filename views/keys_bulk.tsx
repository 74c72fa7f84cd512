import type { FormState } from "./form_state.ts";
import { Layout } from "./layout.tsx";
import { keysOfProviders, maskOf, type TallyShown, textOf } from "./keys_shown.ts";
import type { Markup } from "./markup.ts";
import { AsCurl } from "./parts/copy.tsx";
import { EmptyState } from "./parts/empty_state.tsx";
import { CheckField, LinesField, TextField } from "./parts/fields.tsx";
import { Form } from "./parts/form.tsx";
import { Facts } from "./parts/figures.tsx";
import type { View } from "./view.ts";

interface KeyBulkPageProps {
  readonly view: View;
  readonly action: keyof View["messages"]["keys"]["bulk"]["actions"];
  readonly scope: "chosen" | "all";
  readonly filter: Readonly<Record<string, string>>;
  readonly ids: readonly string[];
  readonly count: number;
  readonly providers: readonly TallyShown[];
  readonly states: readonly TallyShown[];
  readonly sample: readonly { readonly id: string; readonly lastFour: string; readonly provider: string }[];
  readonly form: FormState;
}

const UNDONE_BY_NOTHING: ReadonlySet<string> = new Set(["release", "check", "export", "delete"]);

const HAVE_OPTIONS: ReadonlySet<string> = new Set(["tag", "weight", "export"]);

/** `/admin/keys/bulk`: what a change of many keys would touch, before it does. */
export function KeyBulkPage(props: KeyBulkPageProps): Markup {
  const { view, action, scope, filter, ids, count, providers, form } = props;
  const { keys: texts } = view.messages;
  const { bulk } = texts;
  const what = keysOfProviders(view, count, providers.map(({ name }) => name));
  const back = backTo(filter);
  if (count === 0) {
    return (
      <Layout view={view} title={bulk.actions[action]}>
        <EmptyState title={bulk.none} hint={bulk.noneHint}>
          <a class="button" href={back}>{texts.detail.back}</a>
        </EmptyState>
      </Layout>
    );
  }
  return (
    <Layout view={view} title={bulk.title[action](what)}>
      <Form
        view={view}
        form={form}
        action={action === "export" ? "/admin/keys/export" : "/admin/keys/bulk"}
        class="card stack bulk-form"
      >
        <p class="bulk-does">
          {bulk.does[action](what)} {!UNDONE_BY_NOTHING.has(action) && bulk.undo}
        </p>
        <Touched {...props} />
        <input type="hidden" name="action" value={action} />
        <input type="hidden" name="scope" value={scope} />
        <input type="hidden" name="count" value={String(count)} />
        {scope === "chosen"
          ? <input type="hidden" name="ids" value={ids.join(",")} />
          : Object.entries(filter).map(([name, value]) => (
            <input type="hidden" name={`filter.${name}`} value={value} />
          ))}
        {HAVE_OPTIONS.has(action) && <Options view={view} action={action} form={form} />}
        <div class="actions">
          <button type="submit" class={action === "delete" || action === "disable" ? "danger" : "primary"}>
            {action === "export" ? bulk.download : bulk.title[action](what).replace(/[?？]$/, "")}
          </button>
          <a class="button quiet" href={back}>{view.messages.parts.cancel}</a>
        </div>
      </Form>
      <AsCurl
        view={view}
        method="POST"
        path={action === "export" ? "/admin/keys/export" : "/admin/keys/bulk"}
        body={{ ...(action !== "export" && { action }), scope, ...(scope === "all" ? { filter } : { ids }) }}
      />
    </Layout>
  );
}

function Touched({ view, scope, filter, providers, states, sample }: KeyBulkPageProps): Markup {
  const { keys: texts, parts } = view.messages;
  const { bulk } = texts;
  const { number } = view.format;
  const counted = (tallies: readonly TallyShown[], names: Readonly<Record<string, string>>) =>
    tallies.slice(0, 8).map(({ name, count }) => `${textOf(names, name)} ${number(count)}`).join(" · ");
  const chosenBy = Object.entries(filter).map(([name, value]) =>
    `${textOf({ ...texts.filter, q: texts.filter.text }, name)}: ${
      name === "fingerprint" ? texts.whole.found : textOf({ ...texts.states, ...texts.ages }, value)
    }`
  );
  return (
    <Facts
      facts={[
        {
          label: bulk.filteredBy,
          value: scope === "chosen" ? bulk.byHand : chosenBy.join(" · ") || texts.allStates,
        },
        { label: bulk.byProvider, value: counted(providers, {}) },
        { label: bulk.byState, value: counted(states, parts.states) },
        {
          label: bulk.some,
          value: <span class="code">{sample.map(maskOf).join(" ")}</span>,
        },
      ]}
    />
  );
}

function Options({ view, action, form }: Pick<KeyBulkPageProps, "view" | "action" | "form">): Markup {
  const { bulk } = view.messages.keys;
  switch (action) {
    case "tag":
      return (
        <div class="field-row">
          <LinesField form={form} name="addTags" label={bulk.addTags} hint={bulk.tagsHint} />
          <LinesField form={form} name="removeTags" label={bulk.removeTags} hint={bulk.tagsHint} />
        </div>
      );
    case "weight":
      return (
        <div class="field-row">
          <TextField
            form={form}
            name="weight"
            label={bulk.weight}
            hint={bulk.weightHint}
            type="number"
            min={1}
            max={1000}
          />
          <TextField
            form={form}
            name="priority"
            label={bulk.priority}
            hint={bulk.priorityHint}
            type="number"
            min={0}
          />
        </div>
      );
    default:
      return (
        <>
          <CheckField form={form} name="withSecrets" label={bulk.withSecrets} />
          <TextField
            form={form}
            name="password"
            label={bulk.password}
            hint={bulk.passwordHint}
            type="password"
            autocomplete="current-password"
          />
        </>
      );
  }
}

function backTo(filter: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(filter).toString();
  return query === "" ? "/admin/keys" : `/admin/keys?${query}`;
}
