import { z } from "zod";
import { GROUP_STRATEGIES } from "../core/group.ts";
import { ImportBuilder } from "./import_builder.ts";
import { type Imported, ImportError } from "./imported.ts";

/** What an export of Keyturn calls itself, and the version of its form. */
export const EXPORT_FORMAT = "keyturn";
export const EXPORT_VERSION = 1;

const exportedKey = z.looseObject({
  key: z.string(),
  weight: z.number().exactOptional(),
  priority: z.number().exactOptional(),
  isEnabled: z.boolean().exactOptional(),
  account: z.string().exactOptional(),
  maxRequests: z.number().exactOptional(),
  tags: z.array(z.string()).exactOptional(),
  metadata: z.record(z.string(), z.unknown()).exactOptional(),
});

const exportedProvider = z.looseObject({
  slug: z.string(),
  name: z.string(),
  keys: z.array(exportedKey).default([]),
});

const exported = z.looseObject({
  format: z.literal(EXPORT_FORMAT),
  version: z.number(),
  providers: z.array(exportedProvider),
  groups: z.array(z.looseObject({
    slug: z.string(),
    name: z.string(),
    isEnabled: z.boolean().default(true),
    strategy: z.enum(GROUP_STRATEGIES).default("weighted"),
    members: z.array(z.looseObject({
      provider: z.string(),
      tier: z.number().default(0),
      weight: z.number().default(1),
      isEnabled: z.boolean().default(true),
    })).default([]),
  })).default([]),
  aliases: z.array(z.looseObject({
    name: z.string(),
    target: z.string(),
    contextFallback: z.string().exactOptional(),
  })).default([]),
});

export type ExportedProvider = z.input<typeof exportedProvider>;
export type ExportedKey = z.infer<typeof exportedKey>;

/**
 * Keyturn's own export.
 *
 * @throws {ImportError} `newer_version`
 */
export function readKeyturnExport(value: unknown): Imported | undefined {
  const parsed = exported.safeParse(value);
  if (!parsed.success) return undefined;
  if (parsed.data.version > EXPORT_VERSION) throw new ImportError("newer_version");
  const builder = new ImportBuilder("keyturn");
  parsed.data.providers.forEach(({ slug, name, keys, ...settings }, index) => {
    const provider = builder.provider({ ref: slug, slug, name, settings });
    keys.forEach(({ key, weight, priority, isEnabled, account, maxRequests, tags, metadata }, at) =>
      provider.add(key, `providers[${index}].keys[${at}]`, {
        ...(weight !== undefined && { weight }),
        ...(priority !== undefined && { priority }),
        ...(isEnabled !== undefined && { isEnabled }),
        ...(account !== undefined && { account }),
        ...(maxRequests !== undefined && { maxRequests }),
        ...(tags !== undefined && { tags }),
        ...(metadata !== undefined && { metadata }),
      })
    );
  });
  for (const { slug, name, isEnabled, strategy, members } of parsed.data.groups) {
    builder.addGroup({
      slug,
      name,
      isEnabled,
      strategy,
      members: members.map(({ provider, tier, weight, isEnabled: isOn }) => ({
        ref: provider,
        tier,
        weight,
        isEnabled: isOn,
      })),
    });
  }
  for (const { name, target, contextFallback } of parsed.data.aliases) {
    builder.addAlias({ name, target, ...(contextFallback !== undefined && { contextFallback }) });
  }
  return builder.build();
}
