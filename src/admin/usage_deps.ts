import type { Kept } from "../core/kept.ts";
import type { Secret } from "../core/secret.ts";
import type { LivePrices } from "../usage/live_prices.ts";
import type { RecorderState } from "../usage/recorder.ts";
import type { UsageTotals } from "../usage/usage_totals.ts";
import type { SettingShown, SettingValue } from "../../views/settings_shown.ts";
import type { GroupDeps } from "./groups.ts";

/** Changes of settings: in effect at once, and on other instances once they are told. */
export interface SettingActions {
  list(): readonly SettingShown[];
  /** `null` resets. Gives the names of those with another value now. @throws {AppError} `unprocessable` */
  set(changes: Readonly<Record<string, SettingValue>>): Promise<readonly string[]>;
}

/** A background job, as it stands. */
export interface JobShown {
  readonly name: string;
  readonly isRunning: boolean;
  readonly lastStartedMs: number | undefined;
  readonly lastDurationMs: number | undefined;
  readonly failuresInRow: number;
  readonly dueMs: number;
}

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
    /** Id of this instance, another one after each start. */
    readonly instance: string;
    /** How the background jobs of this instance do. */
    readonly jobs: () => readonly JobShown[];
  };
  /** What may be changed while the program runs. */
  readonly settings: SettingActions;
}
