import { findPreset } from "../core/presets.ts";
import type { Provider } from "../core/provider.ts";
import { AppError } from "../errors.ts";
import type { Imported } from "../imports/imported.ts";
import type { Choice } from "./import_plan.ts";

/**
 * The choices that send every key of a file to one provider, by its slug: one that stands here, or else a known one
 * that is made. Without a slug each provider of the file is chosen for by itself.
 *
 * @throws {AppError} `unprocessable` for a slug of nobody.
 */
export function withProvider(
  imported: Imported,
  slug: string | undefined,
  providers: readonly Pick<Provider, "slug">[],
): { readonly imported: Imported; readonly choices: readonly Choice[] } {
  if (slug === undefined) return { imported, choices: [] };
  const choice = choiceOf(slug, providers);
  if (choice === undefined) {
    const fault = "is no provider's slug, and no known provider's";
    throw new AppError("unprocessable", `Cannot import: ${JSON.stringify(slug.slice(0, 64))} ${fault}`, {
      details: { fields: { provider: fault } },
    });
  }
  if (choice.startsWith("at:")) return { imported, choices: imported.providers.map(() => choice) };
  // A provider that is made is one, so that its keys must come from one.
  const [first] = imported.providers;
  if (first === undefined) return { imported, choices: [] };
  const merged = {
    ...first,
    preset: slug,
    slug,
    keys: imported.providers.flatMap(({ keys }) => keys),
  };
  return { imported: { ...imported, providers: [merged] }, choices: [choice] };
}

function choiceOf(slug: string, providers: readonly Pick<Provider, "slug">[]): Choice | undefined {
  if (providers.some((provider) => provider.slug === slug)) return `at:${slug}`;
  return findPreset(slug) === undefined ? undefined : `preset:${slug}`;
}
