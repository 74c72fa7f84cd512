import { z } from "zod";
import denoConfig from "../../deno.json" with { type: "json" };
import type { Method, Route } from "./route.ts";

/**
 * The route list as an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.0), whose schemas are JSON Schema
 * 2020-12, which is what zod writes.
 */
export function openApiDocument(routes: readonly Route[]) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const operations = paths[openApiPath(route.path)] ??= {};
    for (const method of route.methods) operations[method.toLowerCase()] = operationOf(route, method);
  }
  return {
    openapi: "3.1.0",
    info: { title: "Keyturn admin API", version: denoConfig.version },
    paths,
    components: {
      securitySchemes: {
        adminKey: { type: "apiKey", in: "header", name: "X-Admin-Key" },
        bearer: { type: "http", scheme: "bearer" },
        session: { type: "apiKey", in: "cookie", name: "keyturn_session" },
      },
      schemas: { Error: schemaOf(errorAnswer, "output") },
    },
  };
}

/** `/admin/aliases/:name{.+}` in Hono is `/admin/aliases/{name}` in OpenAPI. */
export function openApiPath(path: string): string {
  return path.replace(/:(\w+)(?:\{[^}]*\})?/g, "{$1}");
}

const errorAnswer = z.object({
  error: z.looseObject({
    code: z.string(),
    message: z.string(),
    fields: z.record(z.string(), z.string()).optional().describe("What is wrong with each field"),
  }),
});

function operationOf({ id, summary, role, methods, action }: Route, method: Method) {
  const { params, query, body } = action.schemas;
  return {
    operationId: methods.length === 1 ? id : `${id}.${method.toLowerCase()}`,
    summary,
    description: role === "anyone" ? "Open to everyone." : `Takes the role ${role}.`,
    tags: [id.split(".")[0]],
    ...(role === "anyone"
      ? { security: [] }
      : { security: [{ adminKey: [] }, { bearer: [] }, { session: [] }] }),
    parameters: [...parametersOf(params, "path"), ...parametersOf(query, "query")],
    ...(body !== undefined && {
      requestBody: {
        required: !action.isBodyOptional,
        content: {
          "application/json": { schema: schemaOf(body, "input") },
          "application/x-www-form-urlencoded": { schema: { type: "object" } },
        },
      },
    }),
    responses: responsesOf(action),
  };
}

function responsesOf({ status, produces, schemas: { answer } }: Route["action"]) {
  const content = Object.fromEntries(produces.map((type) => [
    type,
    { schema: type === "application/json" && answer !== undefined ? schemaOf(answer, "output") : {} },
  ]));
  const error = { "application/json": { schema: { $ref: "#/components/schemas/Error" } } };
  return {
    [String(status)]: { description: status === 201 ? "Made" : "Done", content },
    default: { description: "Refused, or failed", content: error },
  };
}

/** The members of an object schema, one parameter each; those of a record are one that stands for all of them. */
function parametersOf(schema: z.ZodType | undefined, place: "path" | "query") {
  if (schema === undefined) return [];
  const shape = schemaOf(schema, "input");
  const { properties = {}, required = [] } = shape;
  const parameters = Object.entries(properties).map(([name, shape]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    schema: shape,
  }));
  return schema instanceof z.ZodRecord ? [...parameters, recordParameter(shape, place)] : parameters;
}

/** So written, each member goes into the URL by its own name (OpenAPI 3.1, "Style Values": form, exploded). */
function recordParameter(
  { title, description, ...schema }: ReturnType<typeof schemaOf>,
  place: "path" | "query",
) {
  const told = description === undefined ? {} : { description };
  return { name: title ?? "any", in: place, required: false, style: "form", explode: true, ...told, schema };
}

function schemaOf(schema: z.ZodType, io: "input" | "output") {
  const { $schema: _, ...shape } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return shape;
}
