import type { Markup } from "./markup.ts";
import type { FirstRunShown, ProviderChoice, UndecidedShown } from "./first_run_shown.ts";
import { Form } from "./parts/form.tsx";
import type { View } from "./view.ts";

interface ChoiceProps {
  readonly view: View;
  readonly shown: FirstRunShown;
  readonly undecided: UndecidedShown;
}

/** Keys of a shape that several providers have, or none: a person says whose they are. */
export function FirstRunChoice({ view, shown, undecided }: ChoiceProps): Markup {
  const { choose: texts } = view.messages.firstRun;
  return (
    <section class="card once" aria-labelledby="choose-title">
      <h2 id="choose-title">{texts.title}</h2>
      <Form view={view} action="/admin/start/choice" class="stack">
        <input type="hidden" name="id" value={undecided.id} />
        {undecided.groups.map((group, index) => (
          <div class="field">
            <label for={`field-into-${index}`}>
              {texts.of(group.count, group.ends.map((end) => `…${end}`).join(" "))}
            </label>
            <select id={`field-into-${index}`} name={`into.${index}`} aria-describedby={`into-${index}-hint`}>
              <Choices view={view} shown={shown} candidates={group.candidates} />
            </select>
            <p class="hint" id={`into-${index}-hint`}>
              {group.candidates.length > 0 ? texts.hint : texts.unknownHint}
            </p>
          </div>
        ))}
        <div class="actions">
          <button type="submit" class="primary">{texts.submit}</button>
        </div>
      </Form>
    </section>
  );
}

/** The likeliest is chosen already; where nothing is likely, nothing is added by itself. */
function Choices(
  { view, shown, candidates }: Omit<ChoiceProps, "undecided"> & { readonly candidates: readonly string[] },
): Markup {
  const { choose: texts } = view.messages.firstRun;
  const all = [...shown.here, ...shown.known];
  const likely = candidates.flatMap((slug) => all.find((each) => each.slug === slug) ?? []);
  const isOther = ({ slug }: ProviderChoice) => !candidates.includes(slug);
  const here = shown.here.filter(isOther);
  const known = shown.known.filter(isOther);
  return (
    <>
      {likely.length > 0 && <Group label={texts.likely} choices={likely} />}
      {likely.length === 0 && <option value="skip">{texts.skip}</option>}
      {here.length > 0 && <Group label={texts.here} choices={here} />}
      {known.length > 0 && <Group label={texts.others} choices={known} />}
      {likely.length > 0 && <option value="skip">{texts.skip}</option>}
    </>
  );
}

function Group(
  { label, choices }: { readonly label: string; readonly choices: readonly ProviderChoice[] },
): Markup {
  return (
    <optgroup label={label}>
      {choices.map(({ slug, name }) => <option value={slug}>{name}</option>)}
    </optgroup>
  );
}
