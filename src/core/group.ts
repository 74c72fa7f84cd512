/** Which member of a group's tier is asked first (core/group_order.ts says how each one orders). */
export type GroupStrategy =
  | "weighted"
  | "priority"
  | "round_robin"
  | "random"
  | "least_latency"
  | "least_busy";

export const GROUP_STRATEGIES: readonly GroupStrategy[] = [
  "weighted",
  "priority",
  "round_robin",
  "random",
  "least_latency",
  "least_busy",
];

/** A provider as it stands in one group. */
export interface GroupMember {
  readonly providerId: string;
  /** Members of a lower tier are asked first. */
  readonly tier: number;
  /** Share inside its tier: 1 to 1000 (`MIN_WEIGHT`, `MAX_WEIGHT` of provider_key.ts). */
  readonly weight: number;
  readonly isEnabled: boolean;
}

/** A slug that stands for several providers. Groups and providers share one namespace of slugs. */
export interface Group {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly isEnabled: boolean;
  readonly strategy: GroupStrategy;
  /** As the operator has ordered them; a provider stands here once at most. */
  readonly members: readonly GroupMember[];
}
