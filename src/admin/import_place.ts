import { isRecord } from "../core/json.ts";
import { AppError } from "../errors.ts";
import type { ProviderDraft } from "../store/provider_store.ts";
import type { NetworkGuard } from "../transport/network_guard.ts";
import { checkPlace } from "./provider_form.ts";

/** Why a provider of a file must not be where it is, for people; `undefined` when it may. */
export function placeFault(draft: ProviderDraft, guard: NetworkGuard): string | undefined {
  try {
    checkPlace(draft, guard);
    return undefined;
  } catch (error) {
    // Translated: a refusal is an answer here, and somebody decides what to do about it.
    if (!(error instanceof AppError)) throw error;
    const fields = error.details?.fields;
    const fault = isRecord(fields) ? fields.baseUrl : undefined;
    return typeof fault === "string" ? fault : error.message;
  }
}
