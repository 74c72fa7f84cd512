import { DeadlineHeap } from "../core/deadline_heap.ts";
import { createLane } from "../core/create_lane.ts";
import type { Lane, SlotTraits } from "../core/lane.ts";
import type { Strategy } from "../core/provider.ts";
import { RotationLane } from "../core/rotation_lane.ts";

/**
 * The available slots of a pool in every order that was asked for. Lanes are made when first asked for. A model gets
 * lanes of its own, copies of the common ones, while some slot rests for it; at most `MAX_MODEL_LANES` at once.
 */
export class Lanes {
  readonly #random: () => number;
  /** By slot: what stands in the lanes now. Read when a lane is made, so the use in it must be up to date. */
  readonly #offered: (SlotTraits | undefined)[] = [];
  readonly #common = new Map<Strategy, Lane>();
  readonly #models = new Map<string, ModelLanes>();
  /** The models by the end of their soonest rest. */
  readonly #modelDues = new DeadlineHeap<string>();
  #modelLaneCount = 0;
  #picks = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** When the soonest rest for a model ends, or `Infinity`. */
  get nextDueMs(): number {
    return this.#modelDues.nextDueMs;
  }

  offer(slot: number, traits: SlotTraits): void {
    this.#offered[slot] = traits;
    for (const lane of this.#common.values()) lane.join(slot, traits);
    for (const { resting, lanes } of this.#models.values()) {
      if (lanes.size === 0 || resting.has(slot)) continue;
      for (const lane of lanes.values()) lane.join(slot, traits);
    }
  }

  withdraw(slot: number): void {
    this.#offered[slot] = undefined;
    this.#eachLane((lane) => lane.leave(slot));
  }

  /** Like `withdraw`, for good: the slot may go to another key. */
  forget(slot: number): void {
    this.withdraw(slot);
    this.#eachLane((lane) => lane.forget(slot));
    for (const model of this.#models.keys()) this.endRest(model, slot);
  }

  /** The slot rests for this model; again moves the end. */
  rest(model: string, slot: number, untilMs: number): void {
    let own = this.#models.get(model);
    if (own === undefined) {
      own = { resting: new DeadlineHeap(), lanes: new Map(), lastPick: 0 };
      this.#models.set(model, own);
    }
    if (!own.resting.has(slot)) { for (const lane of own.lanes.values()) lane.leave(slot); }
    own.resting.set(slot, untilMs);
    this.#modelDues.set(model, own.resting.nextDueMs);
  }

  endRest(model: string, slot: number): void {
    const own = this.#models.get(model);
    if (own === undefined || !own.resting.has(slot)) return;
    own.resting.delete(slot);
    if (own.resting.size === 0) {
      this.#modelLaneCount -= own.lanes.size;
      this.#models.delete(model);
      this.#modelDues.delete(model);
      return;
    }
    this.#modelDues.set(model, own.resting.nextDueMs);
    const traits = this.#offered[slot];
    if (traits !== undefined) { for (const lane of own.lanes.values()) lane.join(slot, traits); }
  }

  /** Ends the rests for models that are over at `nowMs`; gives whether there were any. */
  endDueRests(nowMs: number): boolean {
    let hasEnded = false;
    for (;;) {
      const model = this.#modelDues.firstDue(nowMs);
      const slot = model === undefined ? undefined : this.#models.get(model)?.resting.firstDue(nowMs);
      if (model === undefined || slot === undefined) return hasEnded;
      this.endRest(model, slot);
      hasEnded = true;
    }
  }

  isRestingFor(model: string, slot: number): boolean {
    return this.#models.get(model)?.resting.has(slot) ?? false;
  }

  /** How many slots rest for this model, whatever else is the matter with them. */
  restingCount(model: string): number {
    return this.#models.get(model)?.resting.size ?? 0;
  }

  /** The models that slots rest for, each with how many and when the next one ends. */
  restingModels(): { readonly model: string; readonly count: number; readonly nextDueMs: number }[] {
    return [...this.#models].filter(([, { resting }]) => resting.size > 0)
      .map(([model, { resting }]) => ({ model, count: resting.size, nextDueMs: resting.nextDueMs }));
  }

  /** When the soonest accepted slot ends its rest for this model, or `Infinity`. */
  nextDueFor(model: string, accepts: (slot: number) => boolean): number {
    return this.#models.get(model)?.resting.nextDueWhere(accepts) ?? Infinity;
  }

  /** The next slot for this model, or -1. */
  pick(strategy: Strategy, model: string | undefined, accepts?: (slot: number) => boolean): number {
    this.#picks++;
    const lane = this.#laneFor(strategy, model);
    const slot = lane.pick(accepts);
    if (slot >= 0 && (this.#common.size > 1 || this.#modelLaneCount > 0)) this.#charge(slot, lane);
    return slot;
  }

  /** Forgets all orders; they are made anew from what is offered. For when the use of all keys is reset. */
  reset(): void {
    this.#common.clear();
    for (const own of this.#models.values()) own.lanes.clear();
    this.#modelLaneCount = 0;
  }

  /** Where `round_robin` goes on. */
  get cursor(): number {
    const lane = this.#common.get("round_robin");
    return lane instanceof RotationLane ? lane.cursor : 0;
  }

  set cursor(slot: number) {
    const lane = this.#commonLane("round_robin");
    if (lane instanceof RotationLane) lane.cursor = slot;
  }

  #laneFor(strategy: Strategy, model: string | undefined): Lane {
    const own = model === undefined || this.#models.size === 0 ? undefined : this.#models.get(model);
    if (own === undefined) return this.#commonLane(strategy);
    own.lastPick = this.#picks;
    const known = own.lanes.get(strategy);
    if (known !== undefined) return known;
    if (this.#modelLaneCount >= MAX_MODEL_LANES) this.#dropIdlest();
    const lane = this.#commonLane(strategy).clone();
    for (const slot of own.resting.items()) lane.leave(slot);
    own.lanes.set(strategy, lane);
    this.#modelLaneCount++;
    return lane;
  }

  #commonLane(strategy: Strategy): Lane {
    const known = this.#common.get(strategy);
    if (known !== undefined) return known;
    const lane = createLane(strategy, this.#random);
    this.#offered.forEach((traits, slot) => {
      if (traits !== undefined) lane.join(slot, traits);
    });
    this.#common.set(strategy, lane);
    return lane;
  }

  #dropIdlest(): void {
    let idlest: ModelLanes | undefined;
    for (const own of this.#models.values()) {
      if (own.lanes.size > 0 && own.lastPick < (idlest?.lastPick ?? Infinity)) idlest = own;
    }
    this.#modelLaneCount -= idlest?.lanes.size ?? 0;
    idlest?.lanes.clear();
  }

  #charge(slot: number, picked: Lane): void {
    this.#eachLane((lane) => {
      if (lane !== picked) lane.charge(slot);
    });
  }

  #eachLane(visit: (lane: Lane) => void): void {
    for (const lane of this.#common.values()) visit(lane);
    if (this.#modelLaneCount === 0) return;
    for (const { lanes } of this.#models.values()) for (const lane of lanes.values()) visit(lane);
  }
}

interface ModelLanes {
  /** The slots that rest for this model, and until when. */
  readonly resting: DeadlineHeap<number>;
  readonly lanes: Map<Strategy, Lane>;
  lastPick: number;
}

/** Each is a few bytes a key: 32 lanes of 100,000 keys are some 50 MB at the very most. */
const MAX_MODEL_LANES = 32;
