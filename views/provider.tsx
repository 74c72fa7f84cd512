import type { ClientGoneRule, TranslateMode } from "../src/core/provider.ts";
import { Layout } from "./layout.tsx";
import type { Markup } from "./markup.ts";
import { Badge } from "./parts/badge.tsx";
import { Capacity } from "./parts/capacity.tsx";
import { Confirm } from "./parts/confirm.tsx";
import { AsCurl, CopyText } from "./parts/copy.tsx";
import { Facts } from "./parts/figures.tsx";
import { mayChange, type ProviderShown } from "./providers.tsx";
import type { View } from "./view.ts";

/** What the page of one provider shows. */
export interface ProviderDetail extends ProviderShown {
  readonly vendor: string;
  readonly credential: { readonly kind: "bearer" | "header" | "query" | "basic"; readonly name?: string };
  readonly headers: Readonly<Record<string, string>>;
  readonly strategy: string;
  readonly priority: number;
  readonly models: readonly string[];
  readonly modelMap: Readonly<Record<string, string>>;
  readonly allowedMethods: readonly string[];
  readonly translate: TranslateMode;
  readonly policy: {
    readonly maxAttempts: number;
    readonly deadlineMs: number;
    readonly maxWaitMs: number;
    readonly allowPrivateNetwork: boolean;
    readonly allowPlainHttp: boolean;
    readonly onClientGone: ClientGoneRule;
  };
}

/** `/admin/providers/:slug` */
export function ProviderPage(
  { view, provider }: { readonly view: View; readonly provider: ProviderDetail },
): Markup {
  const { providers: texts, parts } = view.messages;
  const { slug, name, counts } = provider;
  const path = `/admin/providers/${slug}`;
  return (
    <Layout
      view={view}
      title={name}
      actions={mayChange(view) ? <Actions view={view} provider={provider} /> : undefined}
    >
      <section class="card" aria-labelledby="keys-title">
        <header class="card-head">
          <h2 id="keys-title">{texts.keysOf}</h2>
          <Badge
            label={provider.isEnabled ? parts.on : parts.off}
            tone={provider.isEnabled ? "good" : "off"}
          />
        </header>
        <Capacity view={view} counts={counts} />
        <p>
          <a href={`/admin/keys?provider=${slug}`}>{texts.manageKeys}</a>
        </p>
      </section>
      <section class="card">
        <ProviderFacts view={view} provider={provider} />
      </section>
      <section class="card">
        <h2>{texts.callIt}</h2>
        <CopyText view={view} text={callLine(view, provider)} label={texts.callIt} />
        <AsCurl view={view} method="GET" path={path} />
      </section>
    </Layout>
  );
}

function Actions({ view, provider }: { readonly view: View; readonly provider: ProviderDetail }): Markup {
  const { providers: texts, parts } = view.messages;
  const path = `/admin/providers/${provider.slug}`;
  return (
    <>
      <a class="button" href={`${path}/edit`}>{parts.edit}</a>
      <Confirm
        view={view}
        id="delete"
        label={parts.delete}
        title={texts.deleteTitle(provider.name)}
        text={texts.deleteText(provider.counts.total)}
        action={path}
        method="DELETE"
      />
    </>
  );
}

function ProviderFacts(
  { view, provider }: { readonly view: View; readonly provider: ProviderDetail },
): Markup {
  const { facts, credentials } = view.messages.providers;
  const { credential, models, allowedMethods, headers, policy } = provider;
  const place = credential.kind === "bearer" || credential.kind === "basic"
    ? credentials[credential.kind]
    : credentials[credential.kind](credential.name ?? "");
  return (
    <Facts
      facts={[
        { label: facts.slug, value: <code>{provider.slug}</code> },
        { label: facts.baseUrl, value: <code>{provider.baseUrl}</code> },
        { label: facts.dialect, value: provider.dialect },
        { label: facts.vendor, value: provider.vendor },
        { label: facts.credential, value: place },
        { label: facts.strategy, value: provider.strategy },
        { label: facts.priority, value: view.format.number(provider.priority) },
        { label: facts.models, value: models.length === 0 ? facts.allModels : models.join(", ") },
        {
          label: facts.methods,
          value: allowedMethods.length === 0 ? facts.allMethods : allowedMethods.join(", "),
        },
        { label: facts.headers, value: Object.keys(headers).join(", ") || view.messages.parts.none },
        {
          label: view.messages.providers.policy,
          value: view.messages.providers.policyText(
            policy.maxAttempts,
            view.format.duration(policy.deadlineMs),
          ),
        },
      ]}
    />
  );
}

/** A first request through this very provider. */
function callLine({ origin }: View, { slug, dialect, models }: ProviderDetail): string {
  const model = models[0] ?? "MODEL";
  const ask = JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] });
  const key = `-H "Authorization: Bearer $KEYTURN_KEY"`;
  if (dialect === "rest") return `curl ${origin}/proxy/${slug}/PATH ${key}`;
  return `curl ${origin}/llm/${slug}/v1/chat/completions ${key} -H 'Content-Type: application/json' -d '${ask}'`;
}
