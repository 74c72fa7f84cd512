import type { UsageDimension } from "../core/usage.ts";
import { PLAYGROUND_CLIENT_KEY_ID } from "./request_view.ts";
import type { UsageDeps } from "./usage_deps.ts";

/**
 * What people call a value of a dimension: a provider's slug, a client key's name, the end of a provider key. "" for
 * none; what is no more is shown by its id.
 */
export function dimensionLabel(dimension: UsageDimension, value: string, deps: UsageDeps): string {
  switch (dimension) {
    case "providerId":
      return deps.live.findById(value)?.provider.slug ?? value;
    case "providerKeyId":
      return providerKeyLabel(value, deps);
    case "clientKeyId":
      if (value === PLAYGROUND_CLIENT_KEY_ID) return "Playground";
      return deps.clientKeys.list().find(({ id }) => id === value)?.name ?? value;
    case "statusClass":
      return value === "0" ? "" : `${value}xx`;
    case "group":
    case "model":
    case "usageSource":
      return value;
  }
}

function providerKeyLabel(id: string, { live }: UsageDeps): string {
  for (const { provider, pool } of live.list()) {
    const key = pool.get(id);
    if (key !== undefined) return `${provider.slug} …${key.lastFour ?? ""}`;
  }
  return id;
}
