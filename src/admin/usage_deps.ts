import type { Kept } from "../core/kept.ts";
import type { Secret } from "../core/secret.ts";
import type { LivePrices } from "../usage/live_prices.ts";
import type { RecorderState } from "../usage/recorder.ts";
import type { UsageTotals } from "../usage/usage_totals.ts";
import type { GroupDeps } from "./groups.ts";

/** What the pages and the API of statistics work on besides. */
export interface UsageDeps extends GroupDeps {
  readonly usage: {
    readonly prices: LivePrices;
    /** Reads the stored prices again, after a change of ours. */
    readonly loadPrices: () => Promise<void>;
    readonly totals: UsageTotals;
    readonly recorder: () => RecorderState;
    readonly kept: Kept;
    /** Lets /metrics be read beside the admin key. */
    readonly metricsToken: Secret | undefined;
    /** A re-pricing was asked for: it is taken up at once. */
    readonly reprice: () => void;
  };
  readonly process: {
    readonly startedMs: number;
    /** Whether the program stops: it takes no new requests. */
    readonly isDraining: () => boolean;
    /** The settings by name, without secrets. */
    readonly settings: Readonly<Record<string, string | number | boolean | null>>;
  };
}
