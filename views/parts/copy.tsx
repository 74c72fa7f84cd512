import type { Markup } from "../markup.ts";
import type { View } from "../view.ts";

interface CopyTextProps {
  readonly view: View;
  readonly text: string;
  /** What it is, for those who do not see it. */
  readonly label: string;
}

/** Text to be taken along: shown whole, with a button that copies it. */
export function CopyText({ view, text, label }: CopyTextProps): Markup {
  const { parts } = view.messages;
  return (
    <div class="copy">
      <pre tabindex={0} role="region" aria-label={label}><code>{text}</code></pre>
      <button type="button" class="quiet" data-copy={text} data-copied={parts.copied}>{parts.copy}</button>
    </div>
  );
}

interface AsCurlProps {
  readonly view: View;
  readonly method: string;
  /** Of ours: `/admin/providers`. */
  readonly path: string;
  readonly body?: unknown;
}

/** What this page does, as a line for a terminal. */
export function AsCurl({ view, method, path, body }: AsCurlProps): Markup {
  return (
    <details class="as-curl">
      <summary>{view.messages.parts.asCurl}</summary>
      <CopyText
        view={view}
        text={curlLine(view.origin + path, method, body)}
        label={view.messages.parts.asCurl}
      />
    </details>
  );
}

/** A call of the admin API; the credential is the reader's to fill in. */
export function curlLine(url: string, method: string, body?: unknown): string {
  const parts = ["curl"];
  if (method !== "GET") parts.push(`-X ${method}`);
  parts.push(quoted(url), `-H "X-Admin-Key: $KEYTURN_ADMIN_KEY"`);
  if (body !== undefined) {
    parts.push("-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(body))}`);
  }
  return parts.join(" ");
}

/** For a POSIX shell: inside single quotes nothing has a meaning but the quote itself. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
