import type { AnthropicModel } from "./anthropic_models.ts";
import { closedSchema } from "./anthropic_schema.ts";
import type { OutputFormat } from "./chat_request.ts";
import type { RequestTold } from "./sides.ts";

export interface WrittenOutput {
  /** For `output_config.format`. */
  readonly format?: Readonly<Record<string, unknown>>;
  /** For the system prompt, where the model can only be asked. */
  readonly instruction?: string;
}

/**
 * The form of the answer. Anthropic binds a model to a schema, on models of 4.1 and later; plain JSON, and a schema
 * that is not meant strictly, are asked for in words and named as not enforced; a strict one that it cannot do is
 * refused.
 * Source: https://platform.claude.com/docs/en/build-with-claude/structured-outputs
 */
export function writeOutput(
  output: OutputFormat | undefined,
  model: AnthropicModel,
  told: RequestTold,
): WrittenOutput {
  if (output === undefined) return {};
  const schema = output.kind === "json_schema" && model.hasSchemas ? closedSchema(output.schema) : undefined;
  if (schema !== undefined) return { format: { type: "json_schema", schema } };
  if (output.kind === "json_schema" && output.isStrict === true) {
    const why = model.hasSchemas
      ? "Anthropic cannot hold an answer to this schema"
      : "this model knows no schemas";
    told.losses.refuse(told.nameOf("output"), why);
  }
  told.losses.ignore(told.nameOf("output"));
  const plain = "Answer with one valid JSON object and nothing else: no words around it and no code fence.";
  if (output.kind === "json") return { instruction: plain };
  return { instruction: `${plain} It has to match this JSON schema:\n${JSON.stringify(output.schema)}` };
}
