/** What an admin may do: look; change providers, keys, groups and client keys; also people, tokens and settings. */
export const ROLES = ["viewer", "operator", "owner"] as const;

export type Role = typeof ROLES[number];

/** Whether `role` includes what `least` may do. */
export function includesRole(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least);
}
