import type { Refusal, SimulatedDialect, SimulatedRequest } from "./simulated_dialect.ts";
import { type KeyBudget, KeyWindow } from "./simulated_limits.ts";
import type { Outage } from "./simulated_outage.ts";

export interface SimulatedKey {
  readonly secret: string;
  readonly behaviour: KeyBehaviour;
}

/** How a key is served. Free calls (lists of models, counting of tokens) use up no limit and no credit. */
export type KeyBehaviour =
  | "ok"
  | "revoked"
  | "out_of_credit"
  /** Requests in a minute from the first on; `perModel` counts each model by itself. */
  | { readonly limitedPerMinute: number; readonly perModel?: boolean }
  /** Requests in 24 hours from the first on. */
  | { readonly limitedPerDay: number; readonly perModel?: boolean }
  /** Milliseconds before its answers begin. */
  | { readonly slowMs: number }
  /** Only requests with this key meet the outage. */
  | { readonly outage: Outage };

/** What becomes of a request with a key: refused, or served after `waitMs`. */
export interface Admission {
  readonly refusal: Refusal | undefined;
  /** State of the key's limit after this request, if it has one and the call counts. */
  readonly budget: KeyBudget | undefined;
  readonly waitMs: number;
}

/** A key and its windows. */
export class KeyState {
  readonly secret: string;
  readonly behaviour: KeyBehaviour;
  readonly #windows = new Map<string, KeyWindow>();

  constructor(secret: string, behaviour: KeyBehaviour) {
    this.secret = secret;
    this.behaviour = behaviour;
  }

  get outage(): Outage | undefined {
    return typeof this.behaviour === "object" && "outage" in this.behaviour
      ? this.behaviour.outage
      : undefined;
  }

  /** The window that a request for `model` counts in, or `undefined` for a key without a limit. */
  windowFor(model: string | undefined): KeyWindow | undefined {
    const { behaviour } = this;
    if (typeof behaviour === "string" || !("limitedPerMinute" in behaviour || "limitedPerDay" in behaviour)) {
      return;
    }
    const name = behaviour.perModel === true ? model ?? "" : "";
    let window = this.#windows.get(name);
    if (window === undefined) {
      window = "limitedPerMinute" in behaviour
        ? new KeyWindow("minute", behaviour.limitedPerMinute)
        : new KeyWindow("day", behaviour.limitedPerDay);
      this.#windows.set(name, window);
    }
    return window;
  }
}

/** Whether a request is served, in the order in which providers look: key, credit, limit. */
export function admit(
  key: KeyState | undefined,
  secret: string | undefined,
  request: SimulatedRequest,
  dialect: SimulatedDialect,
): Admission {
  const refused = (refusal: Refusal, budget?: KeyBudget): Admission => ({ refusal, budget, waitMs: 0 });
  if (secret === undefined) return refused({ kind: "missing" });
  if (key === undefined) return refused({ kind: "unknown", secret });
  const { behaviour } = key;
  if (behaviour === "revoked") return refused({ kind: "revoked", secret });
  const isFree = dialect.isFree(request);
  if (behaviour === "out_of_credit" && !isFree) return refused({ kind: "out_of_credit" });
  const waitMs = typeof behaviour === "object" && "slowMs" in behaviour ? behaviour.slowMs : 0;
  if (isFree || typeof behaviour === "string") return { refusal: undefined, budget: undefined, waitMs };
  const model = dialect.modelOf(request);
  const taken = key.windowFor(model)?.take(request.nowMs);
  if (taken !== undefined && !taken.isAdmitted) {
    return refused({ kind: "limited", budget: taken.budget, model }, taken.budget);
  }
  return { refusal: undefined, budget: taken?.budget, waitMs };
}
