import { ClientKeyFacts } from "./client_key.tsx";
import type { ClientKeyShown } from "./client_keys.tsx";
import { FirstUse } from "./first_run_use.tsx";
import { Layout } from "./layout.tsx";
import type { Markup } from "./markup.ts";
import { CopyText } from "./parts/copy.tsx";
import type { View } from "./view.ts";

interface ClientKeyOnceProps {
  readonly view: View;
  readonly clientKey: ClientKeyShown;
  /** The client key itself: on this page and never again. */
  readonly secret: string;
  readonly model: string;
  /** It took the place of another secret. */
  readonly isRotated?: boolean;
}

/** After a client key was made, or got a new secret: the secret, and how it is used. */
export function ClientKeyOncePage(
  { view, clientKey, secret, model, isRotated = false }: ClientKeyOnceProps,
): Markup {
  const { clientKeys: texts, parts } = view.messages;
  const { id, name, previousUntilMs } = clientKey;
  const old = previousUntilMs === null
    ? texts.rotatedNow
    : texts.rotatedGrace(view.format.duration(previousUntilMs - view.nowMs));
  return (
    <Layout
      view={view}
      title={isRotated ? texts.rotated(name) : texts.made(name)}
      {...(isRotated && { lead: old })}
      actions={
        <>
          <a class="button" href={`/admin/client-keys/${id}`}>{texts.toClientKey}</a>
          <a class="button quiet" href="/admin/client-keys">{texts.toList}</a>
        </>
      }
    >
      <section class="card once" role="status">
        <h2>{parts.shownOnce}</h2>
        <CopyText view={view} text={secret} label={texts.columns.clientKey} />
      </section>
      <section class="card" aria-labelledby="use-title">
        <h2 id="use-title">{texts.use}</h2>
        <FirstUse view={view} model={model} clientKey={secret} />
      </section>
      <section class="card">
        <ClientKeyFacts view={view} clientKey={clientKey} />
      </section>
    </Layout>
  );
}
