import type { Lane } from "./lane.ts";
import { OrderedLane } from "./ordered_lane.ts";
import type { Strategy } from "./provider.ts";
import { RandomLane } from "./random_lane.ts";
import { RotationLane } from "./rotation_lane.ts";

/** An empty lane. `random` gives numbers from 0 to below 1. */
export function createLane(strategy: Strategy, random: () => number): Lane {
  switch (strategy) {
    case "round_robin":
      return new RotationLane();
    case "random":
      return new RandomLane(random);
    case "weighted":
    case "least_used":
    case "priority":
      return new OrderedLane(strategy);
  }
}
