import { Layout } from "./layout.tsx";
import type { Markup } from "./markup.ts";
import type { AppStatusMessages } from "./messages/app_status.en.ts";
import { Badge, Countdown, Moment } from "./parts/badge.tsx";
import { AsCurl } from "./parts/copy.tsx";
import { Facts, StatCard } from "./parts/figures.tsx";
import { Table } from "./parts/table.tsx";
import type { View } from "./view.ts";

export interface JobStatus {
  readonly name: string;
  readonly isRunning: boolean;
  readonly lastStartedMs: number | null;
  readonly lastDurationMs: number | null;
  readonly failuresInRow: number;
  readonly dueMs: number;
}

/** What `GET /admin/app-status` answers. */
export interface AppStatusShown {
  readonly version: string;
  readonly deno: string;
  readonly startedAt: string;
  readonly uptimeSeconds: number;
  readonly isDraining: boolean;
  /** Bytes. */
  readonly memory: { readonly rss: number; readonly heapTotal: number; readonly heapUsed: number };
  readonly schemaVersion: number;
  readonly providers: number;
  readonly providerKeys: number;
  readonly clientKeys: number;
  readonly loggedRequests: number;
  readonly recorder: {
    readonly waitingRequests: number;
    readonly droppedRequests: number;
    readonly failedFlushes: number;
    readonly longestWriteMs: number;
  };
  readonly instances: readonly {
    readonly id: string;
    readonly version: string;
    readonly startedMs: number;
    readonly seenMs: number;
    readonly isThis: boolean;
  }[];
  readonly jobs: readonly JobStatus[];
  readonly settings: Readonly<Record<string, string | number | boolean | null>>;
}

/** `/admin/app-status` */
export function AppStatusPage(
  { view, status }: { readonly view: View; readonly status: AppStatusShown },
): Markup {
  const { appStatus: texts } = view.messages;
  const { number, compact, duration } = view.format;
  const { recorder, memory } = status;
  const startedMs = Date.parse(status.startedAt);
  return (
    <Layout
      view={view}
      title={texts.title}
      lead={texts.lead}
      actions={
        <Badge
          label={status.isDraining ? texts.draining : texts.serving}
          tone={status.isDraining ? "wait" : "good"}
        />
      }
    >
      <div class="overview-stats">
        <StatCard
          label={texts.uptime}
          value={duration(status.uptimeSeconds * 1000)}
          note={`${view.format.time(startedMs)} UTC`}
        />
        <StatCard
          label={texts.memory}
          value={megabytes(memory.rss, view)}
          note={texts.memoryNote(megabytes(memory.heapUsed, view), megabytes(memory.heapTotal, view))}
        />
        <StatCard
          label={texts.pool}
          value={number(status.providerKeys)}
          note={texts.poolNote(number(status.providers))}
        />
        <StatCard label={texts.clientKeys} value={number(status.clientKeys)} />
        <StatCard
          label={texts.log}
          value={compact(status.loggedRequests)}
          note={texts.logNote(number(recorder.waitingRequests))}
        />
        <StatCard
          label={texts.writes}
          value={recorder.failedFlushes === 0
            ? texts.writesGood
            : texts.writesBad(number(recorder.failedFlushes))}
          note={texts.writesNote(duration(recorder.longestWriteMs))}
        />
        {recorder.droppedRequests > 0 && (
          <StatCard
            label={texts.dropped}
            value={compact(recorder.droppedRequests)}
            note={texts.droppedNote}
          />
        )}
      </div>
      <section class="card">
        <Facts
          facts={[
            { label: texts.facts.version, value: <code>{status.version}</code> },
            { label: texts.facts.deno, value: <code>{status.deno}</code> },
            { label: texts.facts.schema, value: number(status.schemaVersion) },
          ]}
        />
      </section>
      <section class="stack" aria-labelledby="instances-title">
        <h2 id="instances-title">{texts.instances}</h2>
        <Instances view={view} instances={status.instances} />
      </section>
      {status.jobs.length > 0 && (
        <section class="stack" aria-labelledby="jobs-title">
          <div>
            <h2 id="jobs-title">{texts.jobs}</h2>
            <p class="hint">{texts.jobsHint}</p>
          </div>
          <Jobs view={view} jobs={status.jobs} />
        </section>
      )}
      <section class="stack" aria-labelledby="settings-title">
        <div>
          <h2 id="settings-title">{texts.settings}</h2>
          <p class="hint">
            {`${texts.settingsHint} `}
            <a href="/admin/settings">{view.messages.settings.title}</a>
          </p>
        </div>
        <Table caption={texts.settings} columns={[{ label: texts.name }, { label: texts.value }]}>
          {Object.entries(status.settings).map(([name, value]) => (
            <tr>
              <th scope="row">
                <code>{name}</code>
              </th>
              <td data-label={texts.value}>
                {value === null
                  ? <span class="muted">{texts.notSet}</span>
                  : typeof value === "number"
                  ? number(value)
                  : String(value)}
              </td>
            </tr>
          ))}
        </Table>
      </section>
      <AsCurl view={view} method="GET" path="/admin/app-status" />
    </Layout>
  );
}

function Instances(
  { view, instances }: { readonly view: View; readonly instances: AppStatusShown["instances"] },
): Markup {
  const { appStatus: texts } = view.messages;
  const { instanceColumns: columns } = texts;
  return (
    <Table
      caption={texts.instances}
      columns={[
        { label: columns.instance },
        { label: columns.version },
        { label: columns.started },
        { label: columns.seen },
      ]}
    >
      {instances.map(({ id, version, startedMs, seenMs, isThis }) => (
        <tr>
          <th scope="row">
            <code>{id.slice(0, 8)}</code> {isThis && <Badge label={texts.thisOne} tone="good" />}
          </th>
          <td data-label={columns.version}>
            <code>{version}</code>
          </td>
          <td data-label={columns.started}>
            <Moment view={view} ms={startedMs} />
          </td>
          <td data-label={columns.seen}>
            <Moment view={view} ms={seenMs} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

function Jobs({ view, jobs }: { readonly view: View; readonly jobs: readonly JobStatus[] }): Markup {
  const { appStatus: texts } = view.messages;
  const { jobColumns: columns } = texts;
  return (
    <Table
      caption={texts.jobs}
      columns={[
        { label: columns.job },
        { label: columns.state },
        { label: columns.last },
        { label: columns.took, isNumber: true },
        { label: columns.next, isNumber: true },
      ]}
    >
      {jobs.map((job) => (
        <tr>
          <th scope="row">
            {isNamed(job.name, texts.jobNames) ? texts.jobNames[job.name] : job.name}
            <span class="sub code">{job.name}</span>
          </th>
          <td data-label={columns.state}>
            <JobState view={view} job={job} />
          </td>
          <td data-label={columns.last}>
            <Moment view={view} ms={job.lastStartedMs ?? undefined} />
          </td>
          <td data-label={columns.took} class="number">
            {job.lastDurationMs === null ? "–" : view.format.duration(job.lastDurationMs)}
          </td>
          <td data-label={columns.next} class="number">
            {job.isRunning ? "–" : <Countdown view={view} untilMs={job.dueMs} />}
          </td>
        </tr>
      ))}
    </Table>
  );
}

function JobState({ view, job }: { readonly view: View; readonly job: JobStatus }): Markup {
  const { appStatus: texts } = view.messages;
  if (job.failuresInRow > 0) return <Badge label={texts.failed(job.failuresInRow)} tone="bad" />;
  return job.isRunning
    ? <Badge label={texts.running} tone="good" />
    : <Badge label={texts.waiting} tone="plain" />;
}

type JobNames = AppStatusMessages["jobNames"];

function isNamed(name: string, names: JobNames): name is keyof JobNames & string {
  return Object.hasOwn(names, name);
}

function megabytes(bytes: number, { format }: View): string {
  return `${format.number(Math.round(bytes / 1e6))} MB`;
}
