import { z } from "zod";
import type { ModelAlias } from "../core/model_alias.ts";
import { AppError } from "../errors.ts";
import { createModelAlias, deleteModelAlias, setModelAlias } from "../store/model_alias_store.ts";
import { AliasesPage, AliasForm, aliasFormState } from "../../views/aliases.tsx";
import { EMPTY_FORM } from "../../views/form_state.ts";
import { action } from "./action.ts";
import type { GroupDeps } from "./groups.ts";
import { modelName, unprocessable } from "./provider_form.ts";

/** A name as it stands in a path or in JSON: no spaces, no control characters. */
const plainName = modelName.regex(/^[^\s\p{C}]+$/u, "takes no spaces or control characters");

const newAliasForm = z.strictObject({
  name: plainName,
  target: plainName,
  contextFallback: plainName.nullable().exactOptional(),
});

const aliasForm = newAliasForm.omit({ name: true }).partial();

const nameParams = z.object({ name: z.string() });

/** What the API shows of an alias: all of it. */
export const aliasAnswer = z.object({
  name: z.string(),
  target: z.string(),
  contextFallback: z.string().exactOptional(),
});

/** `GET /admin/aliases` */
export function listAliases({ models }: GroupDeps) {
  return action({
    answer: z.object({ aliases: z.array(aliasAnswer) }),
    run: () => ({ aliases: [...models.aliases()] }),
    page: ({ aliases }, { view }) => AliasesPage({ view: view(), aliases }),
  });
}

/** `GET /admin/aliases/:name` */
export function showAlias(deps: GroupDeps) {
  return action({
    params: nameParams,
    answer: aliasAnswer,
    run: ({ params }) => requireAlias(deps, params.name),
    page: (alias, { view }) => AliasForm({ view: view(), form: aliasFormState(alias), edited: alias.name }),
  });
}

/** `GET /admin/aliases/new`: the form, for a browser; programs get the names that are taken. */
export function newAlias({ models }: GroupDeps) {
  return action({
    answer: z.object({ taken: z.array(z.string()) }),
    run: () => ({ taken: [...models.aliases()].map(({ name }) => name) }),
    page: (_, { view }) => AliasForm({ view: view(), form: EMPTY_FORM }),
  });
}

/** `POST /admin/aliases`: 201 with the alias; 409 when the name is taken. */
export function addAlias(deps: GroupDeps) {
  return action({
    body: newAliasForm,
    answer: aliasAnswer,
    status: 201,
    run: ({ body: { contextFallback, ...given }, note }) =>
      deps.inTurn(async () => {
        const alias = withFallback(given, contextFallback);
        if (deps.models.resolve(alias.name).slug !== undefined && !deps.models.findAlias(alias.name)) {
          throw unprocessable(
            "name",
            "begins with the slug of a provider or group, which would be taken for it",
          );
        }
        await createModelAlias(deps.db, alias);
        note({ target: alias.name });
        return await takeOver(deps, alias);
      }),
    done: ({ name }, { view }) => ({ to: "/admin/aliases", flash: view().messages.aliases.created(name) }),
    form: (form, { view }) => AliasForm({ view: view(), form }),
  });
}

/** `PUT|PATCH /admin/aliases/:name`: what is left out stays; `contextFallback: null` takes it away. */
export function editAlias(deps: GroupDeps) {
  return action({
    params: nameParams,
    body: aliasForm,
    answer: aliasAnswer,
    run: ({ params, body }) =>
      deps.inTurn(async () => {
        const { name, target, contextFallback } = requireAlias(deps, params.name);
        const fallback = body.contextFallback === undefined ? contextFallback : body.contextFallback;
        const alias = withFallback({ name, target: body.target ?? target }, fallback);
        if (!await setModelAlias(deps.db, alias)) throw unknownAlias(name);
        return await takeOver(deps, alias);
      }),
    done: ({ name }, { view }) => ({ to: "/admin/aliases", flash: view().messages.aliases.saved(name) }),
    form: (form, { view, params }) => AliasForm({ view: view(), form, edited: params.name }),
  });
}

/** `DELETE /admin/aliases/:name` */
export function removeAlias(deps: GroupDeps) {
  return action({
    params: nameParams,
    answer: z.object({ message: z.string(), name: z.string() }),
    run: ({ params }) =>
      deps.inTurn(async () => {
        const { name } = requireAlias(deps, params.name);
        if (!await deleteModelAlias(deps.db, name)) throw unknownAlias(name);
        deps.models.deleteAlias(name);
        await deps.noteChange({ kind: "alias", ids: [name] });
        return { message: `Alias ${name} deleted`, name };
      }),
    done: ({ name }, { view }) => ({ to: "/admin/aliases", flash: view().messages.aliases.deleted(name) }),
  });
}

function withFallback(
  alias: Pick<ModelAlias, "name" | "target">,
  contextFallback: string | null | undefined,
): ModelAlias {
  return typeof contextFallback === "string" ? { ...alias, contextFallback } : alias;
}

async function takeOver({ models, noteChange }: GroupDeps, alias: ModelAlias): Promise<ModelAlias> {
  models.setAlias(alias);
  await noteChange({ kind: "alias", ids: [alias.name] });
  return alias;
}

/** @throws {AppError} `not_found` */
function requireAlias({ models }: GroupDeps, name: string): ModelAlias {
  const found = models.findAlias(name);
  if (found === undefined) throw unknownAlias(name);
  return found;
}

function unknownAlias(name: string): AppError {
  return new AppError("not_found", `Cannot find alias ${JSON.stringify(name.slice(0, 200))}`);
}
