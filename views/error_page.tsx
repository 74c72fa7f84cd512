import { BareLayout, Layout } from "./layout.tsx";
import type { Markup } from "./markup.ts";
import { FlashMessage } from "./parts/flash.tsx";
import type { View } from "./view.ts";

interface ErrorPageProps {
  readonly view: View;
  readonly status: number;
  /** Safe to show. */
  readonly message: string;
  /** For htmx, which shows it above the page that stays. */
  readonly isFragment: boolean;
}

/** What a browser is shown in the place of a page that failed. */
export function ErrorPage({ view, status, message, isFragment }: ErrorPageProps): Markup {
  if (isFragment) return <FlashMessage flash={{ kind: "fault", text: message }} />;
  const { faults } = view.messages;
  const titles: Readonly<Record<number, string>> = faults.titles;
  const title = titles[status] ?? titles[status < 500 ? 400 : 500] ?? message;
  const body = (
    <>
      <p class="fault">{message}</p>
      <p>
        <a class="button" href="/admin">{faults.overview}</a>
      </p>
    </>
  );
  return view.who === undefined
    ? <BareLayout view={view} title={title}>{body}</BareLayout>
    : <Layout view={view} title={title}>{body}</Layout>;
}
