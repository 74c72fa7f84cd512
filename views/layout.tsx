import type { Child } from "hono/jsx";
import { LANGUAGE_NAMES, LANGUAGES } from "./messages.ts";
import type { Markup } from "./markup.ts";
import { FlashMessage } from "./parts/flash.tsx";
import { Form } from "./parts/form.tsx";
import { NAVIGATION } from "./navigation.ts";
import { THEMES, type View } from "./view.ts";

interface LayoutProps {
  readonly view: View;
  readonly title: string;
  /** One sentence under the heading. */
  readonly lead?: string;
  /** What can be done from here, beside the heading. */
  readonly actions?: Child;
  readonly children?: Child;
}

/** A whole page for somebody who is signed in: navigation, heading, content. */
export function Layout({ view, title, lead, actions, children }: LayoutProps): Markup {
  return (
    <Document view={view} title={title}>
      <Sidebar view={view} />
      <main id="content" tabindex={-1}>
        <header class="page-head">
          <div>
            <h1>{title}</h1>
            {lead !== undefined && <p class="lead">{lead}</p>}
          </div>
          {actions !== undefined && <div class="actions">{actions}</div>}
        </header>
        <div id="flash" aria-live="polite">
          {view.flash !== undefined && <FlashMessage flash={view.flash} />}
        </div>
        {children}
      </main>
      <ShortcutHelp view={view} />
    </Document>
  );
}

/** A page before anybody is signed in: one card in the middle. */
export function BareLayout({ view, title, children }: LayoutProps): Markup {
  return (
    <Document view={view} title={title}>
      <main id="content" class="bare" tabindex={-1}>
        <div class="card">
          <p class="brand">{view.messages.layout.product}</p>
          <h1>{title}</h1>
          <div id="flash" aria-live="polite">
            {view.flash !== undefined && <FlashMessage flash={view.flash} />}
          </div>
          {children}
        </div>
        <Preferences view={view} />
      </main>
    </Document>
  );
}

/** Evaluates nothing, asks nobody else, adds no style: the policy of every page forbids all three. */
const HTMX_CONFIG = JSON.stringify({
  mode: "same-origin",
  includeIndicatorCSS: false,
  history: "reload",
  extensions: "sse,preload",
  defaultTimeout: 30_000,
});

function Document({ view, title, children }: LayoutProps): Markup {
  const { asset, messages, csrf } = view;
  return (
    <html lang={view.language === "zh" ? "zh-CN" : "en"} data-theme={view.theme}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content={view.theme === "auto" ? "light dark" : view.theme} />
        <meta name="htmx-config" content={HTMX_CONFIG} />
        <title>{`${title} · ${messages.layout.product}`}</title>
        <link rel="icon" href={asset("icon.svg")} type="image/svg+xml" />
        <link rel="stylesheet" href={asset("app.css")} />
        <script src={asset("vendor/htmx.min.js")} defer />
        <script src={asset("vendor/hx-sse.min.js")} defer />
        <script src={asset("vendor/hx-preload.min.js")} defer />
        <script src={asset("app.js")} defer />
      </head>
      <body hx-headers:inherited={JSON.stringify({ "x-csrf-token": csrf })}>
        <a class="skip" href="#content">{messages.layout.skip}</a>
        {children}
      </body>
    </html>
  );
}

function Sidebar({ view }: { readonly view: View }): Markup {
  const { layout } = view.messages;
  return (
    <div class="sidebar">
      <div class="sidebar-head">
        <a class="brand" href="/admin">{layout.product}</a>
        <button
          type="button"
          class="menu-button"
          data-toggle="navigation"
          aria-expanded="false"
          aria-controls="navigation"
        >
          {layout.menu}
        </button>
      </div>
      <div id="navigation" class="sidebar-body">
        <nav aria-label={layout.navigation}>
          {NAVIGATION.map(({ section, links }) => (
            <section>
              <h2>{layout.sections[section]}</h2>
              <ul>
                {links.map(({ path, label, go }) => (
                  <li>
                    <a href={path} data-go={go} aria-current={isCurrent(view.url, path) ? "page" : undefined}>
                      {label(view.messages)}
                    </a>
                  </li>
                ))}
              </ul>
            </section>
          ))}
        </nav>
        <Preferences view={view} />
        {view.who !== undefined && (
          <Form view={view} action="/admin/logout" class="sign-out">
            <span class="who">{layout.signedInAs(view.who.name, layout.roles[view.who.role])}</span>
            <button type="submit" class="quiet">{layout.signOut}</button>
          </Form>
        )}
      </div>
    </div>
  );
}

/** The overview is where all paths begin, so that only itself is it. */
function isCurrent({ pathname }: URL, path: string): boolean {
  return pathname === path || (path !== "/admin" && pathname.startsWith(`${path}/`));
}

/** Language and theme; without a script the button applies them. */
function Preferences({ view }: { readonly view: View }): Markup {
  const { layout } = view.messages;
  const next = view.url.pathname + view.url.search;
  return (
    <Form view={view} action="/admin/preferences" class="preferences" data-submit-on-change>
      <input type="hidden" name="next" value={next} />
      <label>
        <span>{layout.theme}</span>
        <select name="theme">
          {THEMES.map((theme) => (
            <option value={theme} selected={theme === view.theme}>{layout.themes[theme]}</option>
          ))}
        </select>
      </label>
      <label>
        <span>{layout.language}</span>
        <select name="language">
          {LANGUAGES.map((language) => (
            <option value={language} selected={language === view.language} lang={language}>
              {LANGUAGE_NAMES[language]}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" class="quiet" data-without-script>{layout.apply}</button>
    </Form>
  );
}

function ShortcutHelp({ view }: { readonly view: View }): Markup {
  const { layout, parts } = view.messages;
  const help = layout.shortcutHelp;
  return (
    <dialog id="shortcuts" aria-labelledby="shortcuts-title">
      <h2 id="shortcuts-title">{layout.shortcuts}</h2>
      <dl class="shortcuts">
        <dt>
          <kbd>/</kbd>
        </dt>
        <dd>{help.search}</dd>
        <dt>
          <kbd>?</kbd>
        </dt>
        <dd>{help.help}</dd>
        <dt>
          <kbd>Esc</kbd>
        </dt>
        <dd>{help.close}</dd>
        {NAVIGATION.flatMap(({ links }) => links).map(({ go, label }) => (
          <>
            <dt>
              <kbd>g</kbd> <kbd>{go}</kbd>
            </dt>
            <dd>{label(view.messages)}</dd>
          </>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit">{parts.close}</button>
      </form>
    </dialog>
  );
}
