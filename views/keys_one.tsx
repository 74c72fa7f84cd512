import { KeyDetail, type KeyDetailProps } from "./keys_detail.tsx";
import { maskOf } from "./keys_shown.ts";
import { Layout } from "./layout.tsx";
import type { Markup } from "./markup.ts";
import { AsCurl } from "./parts/copy.tsx";

/** `/admin/keys/:id` as a page of its own. */
export function KeyPage(props: KeyDetailProps): Markup {
  const { view, detail } = props;
  const { keys: texts } = view.messages;
  return (
    <Layout
      view={view}
      title={texts.one(maskOf(detail))}
      actions={<a class="button" href={`/admin/keys?provider=${detail.provider}`}>{texts.detail.back}</a>}
    >
      <KeyDetail {...props} />
      <AsCurl view={view} method="GET" path={`/admin/keys/${detail.id}`} />
    </Layout>
  );
}
