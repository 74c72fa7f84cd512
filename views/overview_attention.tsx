import type { Markup } from "./markup.ts";
import { Badge, Countdown } from "./parts/badge.tsx";
import type { AttentionKind, AttentionShown } from "./overview_shown.ts";
import type { View } from "./view.ts";

/** More than this nobody reads at a glance. */
const MAX_ITEMS = 8;

/** What a person should look at, each with the place where it is mended. */
export function AttentionList(
  { view, attention }: { readonly view: View; readonly attention: readonly AttentionShown[] },
): Markup {
  const { attention: texts } = view.messages.overview;
  const rest = attention.length - MAX_ITEMS;
  return (
    <section id="overview-attention" class="attention" aria-labelledby="attention-title">
      <h2 id="attention-title">{texts.title}</h2>
      {attention.length === 0 ? <p class="muted">{texts.none}</p> : (
        <ul>
          {attention.slice(0, MAX_ITEMS).map((item) => <AttentionItem view={view} item={item} />)}
        </ul>
      )}
      {rest > 0 && <p class="muted">{texts.more(rest)}</p>}
    </section>
  );
}

function AttentionItem({ view, item }: { readonly view: View; readonly item: AttentionShown }): Markup {
  const { attention: texts } = view.messages.overview;
  return (
    <li class={item.isSevere ? "severe" : undefined}>
      <Badge
        label={item.isSevere ? texts.severe : texts.notice}
        tone={item.isSevere ? "bad" : "wait"}
      />
      <p>
        {textOf(view, item)}
        {item.untilMs !== null && (
          <>
            {" "}
            <Countdown view={view} untilMs={item.untilMs} />
          </>
        )}
        {item.names.length > 0 && item.kind === "unpriced" && <Names names={item.names} />}
      </p>
      <a class="button" href={placeOf(item)}>{texts.fixes[item.kind]}</a>
    </li>
  );
}

function Names({ names }: { readonly names: readonly string[] }): Markup {
  return (
    <>
      {names.map((name, index) => (
        <>
          {index === 0 ? " " : ", "}
          <code>{name}</code>
        </>
      ))}
    </>
  );
}

function textOf({ messages, format }: View, item: AttentionShown): string {
  const { texts, limits } = messages.overview.attention;
  const [name = ""] = item.names;
  if (item.kind === "model_resting") return texts.model_resting(item, name);
  if (item.kind !== "budget") return texts[item.kind](item);
  const limit = isLimit(name, limits) ? limits[name] : name;
  return texts.budget(item, format.percent(item.share ?? 1), limit);
}

function isLimit<T extends object>(name: string, limits: T): name is Extract<keyof T, string> {
  return Object.hasOwn(limits, name);
}

/** Where it is mended. */
function placeOf({ kind, id, names }: AttentionShown): string {
  const slug = encodeURIComponent(id ?? "");
  const places: Readonly<Record<AttentionKind, string>> = {
    no_client_key: "/admin/start#client-key",
    open_to_all: "/admin/client-keys",
    no_https: "/admin/app-status",
    shared_cause: `/admin/providers/${slug}/edit`,
    breaker_open: `/admin/requests?provider=${slug}&scope=upstream`,
    none_ready: `/admin/keys?provider=${slug}`,
    model_resting: `/admin/keys?provider=${slug}&model=${encodeURIComponent(names[0] ?? "")}`,
    keys_sealed: `/admin/keys?provider=${slug}&state=rejected`,
    keys_rejected: `/admin/keys?provider=${slug}&state=rejected`,
    provider_empty: `/admin/imports?provider=${slug}`,
    budget: `/admin/client-keys/${slug}`,
    client_key_expiring: `/admin/client-keys/${slug}`,
    unpriced: "/admin/prices",
    statistics_stuck: "/admin/app-status",
  };
  return places[kind];
}
