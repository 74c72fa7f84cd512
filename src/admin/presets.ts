import { z } from "zod";
import { PRESETS } from "../core/presets.ts";
import { action } from "./action.ts";

/** `GET /admin/presets`: the providers that are known, with all that need not be looked up. */
export function listPresets() {
  const preset = z.looseObject({ slug: z.string(), name: z.string(), baseUrl: z.string() });
  return action({
    answer: z.object({ presets: z.array(preset) }),
    run: () => ({ presets: PRESETS.map((each) => ({ ...each })) }),
  });
}
