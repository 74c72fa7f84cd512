import type { RouteExplanation } from "../src/core/route_explanation.ts";
import { ExplanationPart, RulingPart, type RulingShown } from "./explanation.tsx";
import { EMPTY_FORM, type FormState } from "./form_state.ts";
import { Layout } from "./layout.tsx";
import type { Markup } from "./markup.ts";
import { Badge } from "./parts/badge.tsx";
import { AsCurl } from "./parts/copy.tsx";
import { EmptyState } from "./parts/empty_state.tsx";
import { CheckField, LinesField, SelectField, TextField } from "./parts/fields.tsx";
import { Form } from "./parts/form.tsx";
import { AttemptsTable, RequestUsage } from "./request_trace.tsx";
import type { RequestShown } from "./request_shown.ts";
import type { View } from "./view.ts";
import { Waterfall } from "./waterfall.tsx";

/** What a request that was sent by hand has come to. */
export type PlaygroundShown =
  | { readonly state: "running" }
  | {
    readonly state: "done";
    readonly status: number;
    readonly said: string;
    readonly thought: string;
    readonly error: string;
    readonly request: RequestShown;
  };

interface PlaygroundPageProps {
  readonly view: View;
  readonly form: FormState;
  readonly choices: {
    readonly models: readonly string[];
    readonly providers: readonly string[];
    readonly groups: readonly string[];
    readonly clientKeys: readonly { readonly id: string; readonly name: string }[];
  };
  readonly result?: PlaygroundShown;
  readonly explanation?: RouteExplanation;
  readonly ruling?: RulingShown;
}

/** `/admin/playground`: one request by hand, and what became of it. */
export function PlaygroundPage(props: PlaygroundPageProps): Markup {
  const { view, result, explanation } = props;
  const { playground: texts } = view.messages;
  return (
    <Layout view={view} title={texts.title} lead={texts.lead}>
      <div class="playground">
        <RequestForm {...props} />
        <div class="stack">
          {explanation !== undefined
            ? <ExplanationPart view={view} explanation={explanation} />
            : result !== undefined
            ? <PlaygroundResult view={view} result={result} />
            : (
              <section id="playground-result">
                <EmptyState title={texts.result.none} hint={texts.result.noneHint} />
              </section>
            )}
        </div>
      </div>
      <RulesForm {...props} />
      <AsCurl
        view={view}
        method="POST"
        path="/admin/route/explain"
        body={{ dialect: "openai", model: props.form.values["model"] ?? "MODEL" }}
      />
    </Layout>
  );
}

function RequestForm({ view, form, choices }: PlaygroundPageProps): Markup {
  const { form: texts } = view.messages.playground;
  const message = form.values["message"] ?? texts.defaultMessage;
  const filled = { ...form, values: { ...form.values, message } };
  const hasMore = ["system", "providerKey", "clientKey"].some((name) => (form.values[name] ?? "") !== "");
  return (
    <Form
      view={view}
      action="/admin/playground"
      form={form}
      class="card"
      id="playground-form"
      htmx={{ target: "#playground-result", swap: "none" }}
    >
      <h2>{texts.title}</h2>
      <SelectField
        form={filled}
        name="dialect"
        label={texts.dialect}
        choices={Object.entries(texts.dialects).map(([value, label]) => ({ value, label }))}
      />
      <div class="field">
        <TextField
          form={filled}
          name="model"
          label={texts.model}
          isRequired
          isCode
          listId="playground-models"
        />
        <datalist id="playground-models">
          {choices.models.map((model) => <option value={model} />)}
        </datalist>
      </div>
      <TargetField view={view} form={filled} choices={choices} />
      <LinesField form={filled} name="message" label={texts.message} rows={4} isRequired isProse />
      <CheckField form={filled} name="stream" label={texts.stream} />
      <details open={hasMore}>
        <summary>{texts.more}</summary>
        <div class="stack">
          <LinesField form={filled} name="system" label={texts.system} rows={2} isProse />
          <TextField form={filled} name="maxTokens" label={texts.maxTokens} type="number" min={1} />
          <TextField form={filled} name="providerKey" label={texts.providerKey} isCode />
          <SelectField
            form={filled}
            name="clientKey"
            label={texts.clientKey}
            choices={[
              { value: "", label: texts.anyClientKey },
              ...choices.clientKeys.map(({ id, name }) => ({ value: id, label: name })),
            ]}
          />
        </div>
      </details>
      <div class="actions">
        <button type="submit" class="primary">{texts.send}</button>
        <button
          type="submit"
          formaction="/admin/route/explain"
          hx-post="/admin/route/explain"
          hx-include="#playground-form"
          hx-target="#playground-result"
          hx-swap="outerMorph"
        >
          {texts.explain}
        </button>
      </div>
      <p class="hint">{texts.explainHint}</p>
    </Form>
  );
}

function TargetField(
  { view, form, choices }: Pick<PlaygroundPageProps, "view" | "form" | "choices">,
): Markup {
  const { form: texts } = view.messages.playground;
  const chosen = form.values["target"] ?? "";
  const options = (slugs: readonly string[]) =>
    slugs.map((slug) => <option value={slug} selected={slug === chosen}>{slug}</option>);
  return (
    <div class="field">
      <label for="field-target">{texts.target}</label>
      <select id="field-target" name="target">
        <option value="">{texts.byModel}</option>
        {choices.providers.length > 0 && (
          <optgroup label={texts.providers}>{options(choices.providers)}</optgroup>
        )}
        {choices.groups.length > 0 && <optgroup label={texts.groups}>{options(choices.groups)}</optgroup>}
      </select>
    </div>
  );
}

/** The answer and its trace; while it is under way, the places that its words go to. */
export function PlaygroundResult(
  { view, result }: { readonly view: View; readonly result: PlaygroundShown },
): Markup {
  const { result: texts } = view.messages.playground;
  const isRunning = result.state === "running";
  return (
    <section id="playground-result" class="stack" aria-labelledby="answer-title" aria-busy={isRunning}>
      <div class="card">
        <header class="card-head">
          <h2 id="answer-title">{texts.title}</h2>
          {isRunning
            ? <Badge label={texts.running} tone="wait" />
            : <Badge label={texts.status(result.status)} tone={result.status < 400 ? "good" : "bad"} />}
        </header>
        <Words view={view} result={result} />
      </div>
      {!isRunning && <Trace view={view} request={result.request} />}
    </section>
  );
}

function Words({ view, result }: { readonly view: View; readonly result: PlaygroundShown }): Markup {
  const { result: texts } = view.messages.playground;
  if (result.state === "running") {
    return (
      <>
        <p id="playground-thought" class="words muted" />
        <p id="playground-said" class="words" />
      </>
    );
  }
  const { said, thought, error } = result;
  return (
    <>
      {thought !== "" && (
        <details>
          <summary>{texts.thought}</summary>
          <p class="words muted">{thought}</p>
        </details>
      )}
      {said !== "" && <p class="words">{said}</p>}
      {error !== "" && <p class="flash fault" role="alert">{error}</p>}
      {said === "" && error === "" && <p class="muted">{texts.noWords}</p>}
    </>
  );
}

/** Words of an answer that have just come. */
export function WordsPart({ words }: { readonly words: string }): Markup {
  return <span>{words}</span>;
}

function Trace({ view, request }: { readonly view: View; readonly request: RequestShown }): Markup {
  const { requests, playground } = view.messages;
  return (
    <>
      <div class="card">
        <h3>{requests.waterfall.title}</h3>
        <Waterfall view={view} request={request} />
      </div>
      {request.attempts.length > 0 && <AttemptsTable view={view} request={request} />}
      <RequestUsage view={view} request={request} />
      <p>
        <a href={`/admin/requests/${encodeURIComponent(request.id)}`}>{playground.result.open}</a>{" "}
        <code class="muted">{request.id}</code>
      </p>
    </>
  );
}

function RulesForm({ view, form, choices, ruling }: PlaygroundPageProps): Markup {
  const { rules: texts } = view.messages.playground;
  const isOurs = ["status", "headers", "body"].some((name) => form.values[name] !== undefined);
  const own = isOurs ? form : EMPTY_FORM;
  return (
    <details class="card" open={isOurs}>
      <summary>{texts.title}</summary>
      <Form
        view={view}
        action="/admin/rules/test"
        form={own}
        class="stack"
        htmx={{ target: "#ruling", swap: "outerMorph" }}
      >
        <p class="muted">{texts.hint}</p>
        <div class="field-row">
          <SelectField
            form={own}
            name="provider"
            label={texts.provider}
            choices={[
              { value: "", label: "–" },
              ...choices.providers.map((slug) => ({ value: slug, label: slug })),
            ]}
          />
          <TextField
            form={own}
            name="status"
            label={texts.status}
            type="number"
            min={100}
            max={599}
            isRequired
          />
        </div>
        <LinesField
          form={own}
          name="headers"
          label={texts.headers}
          hint={texts.headersHint}
          rows={2}
          placeholder="retry-after: 20"
        />
        <LinesField
          form={own}
          name="body"
          label={texts.body}
          rows={3}
          placeholder='{"error":{"code":"insufficient_quota"}}'
        />
        <div class="actions">
          <button type="submit">{texts.test}</button>
        </div>
      </Form>
      {ruling === undefined ? <div id="ruling" /> : <RulingPart view={view} ruling={ruling} />}
    </details>
  );
}
