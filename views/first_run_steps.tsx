import type { Markup } from "./markup.ts";
import { mayChange } from "./providers.tsx";
import type { StepsShown } from "./overview_shown.ts";
import type { View } from "./view.ts";

interface StepsProps {
  readonly view: View;
  readonly steps: StepsShown;
}

/** On the overview, until all is set up: how far it has come, and the way on, for those who may go it. */
export function Steps({ view, steps }: StepsProps): Markup {
  const texts = view.messages.firstRun;
  const isDone = steps.providerKeys > 0 && steps.hasClientKey && steps.hasServed;
  if (isDone || !mayChange(view)) return <section id="overview-steps" hidden />;
  return (
    <section id="overview-steps" class="card first-steps" aria-labelledby="first-steps-title">
      <div>
        <h2 id="first-steps-title">{texts.title}</h2>
        <p class="muted">{texts.lead}</p>
      </div>
      <StepList view={view} steps={steps} />
      <a class="button primary" href="/admin/start">{texts.goOn}</a>
    </section>
  );
}

/** The three steps, those that are done ticked. */
export function StepList({ view, steps }: StepsProps): Markup {
  const { steps: texts } = view.messages.firstRun;
  const list = [
    { name: texts.keys, isDone: steps.providerKeys > 0, id: "keys" },
    { name: texts.clientKey, isDone: steps.hasClientKey, id: "client-key" },
    { name: texts.request, isDone: steps.hasServed, id: "use" },
  ];
  return (
    <ol class="steps" id="step-list">
      {list.map(({ name, isDone, id }) => (
        <li class={isDone ? "is-done" : undefined}>
          <a href={`/admin/start#${id}`}>{name}</a>
          <span class="unseen">{isDone ? texts.done : texts.open}</span>
        </li>
      ))}
    </ol>
  );
}
