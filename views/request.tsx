import { Layout } from "./layout.tsx";
import type { Markup } from "./markup.ts";
import { Badge } from "./parts/badge.tsx";
import { AsCurl, CopyText } from "./parts/copy.tsx";
import { Facts } from "./parts/figures.tsx";
import { keyLabel, OUTCOME_TONES, type RequestShown } from "./request_shown.ts";
import { replayLine } from "./replay.ts";
import { AttemptsTable, RequestUsage } from "./request_trace.tsx";
import type { View } from "./view.ts";
import { Waterfall } from "./waterfall.tsx";

interface RequestPageProps {
  readonly view: View;
  readonly request: RequestShown;
  /** How each provider hands out its keys now, by slug. */
  readonly strategies: Readonly<Record<string, string>>;
  /** How the group of the request orders its members now. */
  readonly groupStrategy: string | undefined;
}

/** `/admin/requests/:id`: what was tried, how long it took, what it cost, and why it went so. */
export function RequestPage(props: RequestPageProps): Markup {
  const { view, request } = props;
  const { requests: texts } = view.messages;
  const path = `/admin/requests/${encodeURIComponent(request.id)}`;
  return (
    <Layout
      view={view}
      title={request.model ?? texts.one(request.id)}
      lead={summaryOf(view, request)}
      actions={<a class="button" href="/admin/requests">{texts.back}</a>}
    >
      <section class="card" aria-labelledby="waterfall-title">
        <header class="card-head">
          <h2 id="waterfall-title">{texts.waterfall.title}</h2>
          <Badge
            label={texts.outcomes[request.outcome]}
            tone={OUTCOME_TONES[request.outcome]}
            reason={String(request.status)}
          />
        </header>
        <Waterfall view={view} request={request} />
      </section>
      {request.attempts.length > 0 && <AttemptsTable view={view} request={request} />}
      <div class="pair">
        <RequestUsage view={view} request={request} />
        <Why {...props} />
      </div>
      <section class="card">
        <RequestFacts view={view} request={request} />
        <CopyText view={view} text={request.id} label={texts.copyId} />
      </section>
      <section class="card">
        <h2>{texts.replay.title}</h2>
        <p class="muted">{texts.replay.hint}</p>
        <CopyText
          view={view}
          text={replayLine(view.origin, request, texts.replay.prompt)}
          label={texts.replay.title}
        />
        <p>
          <a href={playgroundHref(request)}>{texts.replay.playground}</a>
        </p>
        <AsCurl view={view} method="GET" path={path} />
      </section>
    </Layout>
  );
}

function summaryOf(view: View, { outcome, attempts }: RequestShown): string {
  const { summaries } = view.messages.requests;
  const last = attempts.at(-1);
  switch (outcome) {
    case "succeeded":
      return last === undefined ? "" : summaries.succeeded(keyLabel(view, last), attempts.length);
    case "failed":
      return summaries.failed(attempts.length);
    case "refused":
    case "interrupted":
    case "client_gone":
      return summaries[outcome];
  }
}

/** What is known of the choice: the routes and strategies of now, and what the attempts tell of then. */
function Why({ view, request, strategies, groupStrategy }: RequestPageProps): Markup {
  const { why } = view.messages.requests;
  const { attempts, group, model } = request;
  const reasons: string[] = [];
  if (group !== null) reasons.push(why.byGroup(group, groupStrategy ?? "–"));
  else reasons.push(model === null ? why.plain : why.byModel(model));
  for (const [index, attempt] of attempts.entries()) {
    const strategy = strategies[attempt.provider ?? ""] ?? "–";
    const key = keyLabel(view, attempt);
    const isAgain = attempts.slice(0, index).some((other) => other.providerKeyId === attempt.providerKeyId);
    reasons.push(
      index === 0 ? why.first(key, strategy) : isAgain ? why.sameAgain(key) : why.next(key, strategy),
    );
  }
  if (request.waitedMs > 0) reasons.push(why.waited(view.format.elapsed(request.waitedMs)));
  return (
    <section class="card">
      <h2>{why.title}</h2>
      <ol class="reasons">{reasons.map((reason) => <li>{reason}</li>)}</ol>
      <p>
        <a href={playgroundHref(request)}>{why.explainNow}</a>
      </p>
    </section>
  );
}

function RequestFacts({ view, request }: { readonly view: View; readonly request: RequestShown }): Markup {
  const { facts, ...texts } = view.messages.requests;
  const { time, elapsed } = view.format;
  const { dialect, upstreamDialect, firstByteMs, clientKey, clientKeyId } = request;
  return (
    <Facts
      facts={[
        { label: facts.time, value: time(request.startedMs) },
        { label: facts.duration, value: elapsed(request.durationMs) },
        { label: facts.firstByte, value: firstByteMs === null ? "–" : elapsed(firstByteMs) },
        { label: facts.waited, value: elapsed(request.waitedMs) },
        { label: facts.model, value: request.model ?? texts.noModel },
        ...(request.providerModel === null
          ? []
          : [{ label: facts.providerModel, value: request.providerModel }]),
        {
          label: facts.dialect,
          value: upstreamDialect === null ? dialect : facts.translated(dialect, upstreamDialect),
        },
        { label: facts.group, value: request.group ?? texts.none },
        { label: facts.clientKey, value: clientKey ?? clientKeyId ?? texts.none },
        { label: facts.form, value: texts.streams[request.isStream ? "true" : "false"] },
      ]}
    />
  );
}

function playgroundHref({ model, dialect, group, clientKeyId }: RequestShown): string {
  const query = new URLSearchParams({
    ...(model !== null && { model }),
    ...(dialect !== "rest" && { dialect }),
    ...(group !== null && { target: group }),
    ...(clientKeyId !== null && clientKeyId !== "playground" && { clientKey: clientKeyId }),
  });
  return `/admin/playground?${query}`;
}
