import type { Markup } from "./markup.ts";

export interface MissingSetting {
  readonly name: string;
  /** Completes the sentence "takes …". */
  readonly takes: string;
}

export interface NotReadyProps {
  /** The settings that are missing or wrong; none when something else keeps it from starting. */
  readonly settings: readonly MissingSetting[];
  /** What else keeps it from starting: safe to show to anybody. */
  readonly reason: string | undefined;
  /** A random master key made for this page alone, for an owner who has none yet. */
  readonly newMasterKey: string;
}

/** The page of a deployment that cannot start yet: what is missing, and where it is set. */
export function NotReadyPage({ settings, reason, newMasterKey }: NotReadyProps): Markup {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Keyturn is not ready yet</title>
        <style>{NOT_READY_STYLE}</style>
      </head>
      <body>
        <h1>Keyturn is not ready yet</h1>
        {reason !== undefined && <p>{reason}</p>}
        {settings.length > 0 && (
          <>
            <p>
              It is deployed and runs, but needs {settings.length === 1 ? "a setting" : "these settings"}:
            </p>
            <dl>
              {settings.map(({ name, takes }) => (
                <>
                  <dt>
                    <code>{name}</code>
                  </dt>
                  <dd>
                    <p>Takes {takes}.</p>
                    {name === "DATABASE_URL" && <TursoLines />}
                    {name === "MASTER_KEY" && <NewMasterKey masterKey={newMasterKey} />}
                  </dd>
                </>
              ))}
            </dl>
            <p>
              Set them in the Deno Deploy console: your application, Settings, Environment Variables, for the
              context Production, as secrets. This page goes once they are there.
            </p>
          </>
        )}
        <p>
          All of it, with Deno KV: docs/deploy.md in your repository.
        </p>
      </body>
    </html>
  );
}

const TURSO_LINES = `turso db create keyturn
turso db show keyturn --url       # DATABASE_URL
turso db tokens create keyturn    # DATABASE_AUTH_TOKEN`;

function TursoLines(): Markup {
  return (
    <>
      <p>Turso has a free plan and a command line:</p>
      <pre>{TURSO_LINES}</pre>
    </>
  );
}

function NewMasterKey({ masterKey }: { readonly masterKey: string }): Markup {
  return (
    <>
      <p>
        It seals your provider keys: keep a copy, because without it they are lost. Here is a new one, made
        for this page and kept nowhere:
      </p>
      <pre>{masterKey}</pre>
    </>
  );
}

/** The page comes before every other file, so it brings its own. No character in it is escaped. */
export const NOT_READY_STYLE =
  "body{font:1rem/1.5 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem}" +
  "h1{font-size:1.5rem}dt{margin-top:1rem;font-weight:600}dd{margin:0}" +
  "pre{padding:.75rem;overflow-x:auto;border:1px solid;border-radius:.4rem}";
