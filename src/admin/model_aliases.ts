import type { Context } from "hono";
import { z } from "zod";
import type { ModelAlias } from "../core/model_alias.ts";
import { AppError } from "../errors.ts";
import { createModelAlias, deleteModelAlias, setModelAlias } from "../store/model_alias_store.ts";
import type { GroupDeps } from "./groups.ts";
import { readJson } from "./json_body.ts";
import { modelName, unprocessable } from "./provider_form.ts";

/** A name as it stands in a path or in JSON: no spaces, no control characters. */
const plainName = modelName.regex(/^[^\s\p{C}]+$/u, "takes no spaces or control characters");

const newAliasForm = z.strictObject({
  name: plainName,
  target: plainName,
  contextFallback: plainName.nullable().exactOptional(),
});

const aliasForm = newAliasForm.omit({ name: true }).partial();

/** `GET /admin/aliases` */
export function listAliases({ models }: GroupDeps) {
  return (context: Context) => context.json({ aliases: models.aliases() });
}

/** `GET /admin/aliases/:name` */
export function showAlias(deps: GroupDeps) {
  return (context: Context) => context.json(requireAlias(deps, context));
}

/** `POST /admin/aliases`: 201 with the alias; 409 when the name is taken. */
export function addAlias(deps: GroupDeps) {
  return async (context: Context) => {
    const { contextFallback, ...given } = await readJson(context, newAliasForm);
    const alias = withFallback(given, contextFallback);
    return await deps.inTurn(async () => {
      if (deps.models.resolve(alias.name).slug !== undefined && !deps.models.findAlias(alias.name)) {
        throw unprocessable(
          "name",
          "begins with the slug of a provider or group, which would be taken for it",
        );
      }
      await createModelAlias(deps.db, alias);
      return context.json(await takeOver(deps, alias), 201);
    });
  };
}

/** `PUT|PATCH /admin/aliases/:name`: what is left out stays; `contextFallback: null` takes it away. */
export function editAlias(deps: GroupDeps) {
  return async (context: Context) => {
    const form = await readJson(context, aliasForm);
    return await deps.inTurn(async () => {
      const { name, target, contextFallback } = requireAlias(deps, context);
      const fallback = form.contextFallback === undefined ? contextFallback : form.contextFallback;
      const alias = withFallback({ name, target: form.target ?? target }, fallback);
      if (!await setModelAlias(deps.db, alias)) throw unknownAlias(name);
      return context.json(await takeOver(deps, alias));
    });
  };
}

/** `DELETE /admin/aliases/:name` */
export function removeAlias(deps: GroupDeps) {
  return (context: Context) =>
    deps.inTurn(async () => {
      const { name } = requireAlias(deps, context);
      if (!await deleteModelAlias(deps.db, name)) throw unknownAlias(name);
      deps.models.deleteAlias(name);
      await deps.noteChange({ kind: "alias", ids: [name] });
      return context.json({ message: `Alias ${name} deleted`, name });
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
function requireAlias({ models }: GroupDeps, context: Context): ModelAlias {
  const name = context.req.param("name") ?? "";
  const found = models.findAlias(name);
  if (found === undefined) throw unknownAlias(name);
  return found;
}

function unknownAlias(name: string): AppError {
  return new AppError("not_found", `Cannot find alias ${JSON.stringify(name.slice(0, 200))}`);
}
