import type { AdminDeps } from "./deps.ts";
import { addAuditEntry } from "../store/audit_store.ts";
import type { AuditNote, Call } from "./route.ts";

type AuditDeps = Pick<AdminDeps, "db" | "stamp" | "log">;

/**
 * Writes down who has done what. Called for every change by mount_routes.ts; an action tells more by `note`. Only the
 * names of the fields that were sent are kept, never what stood in them.
 */
export async function audit(
  { db, stamp, log }: AuditDeps,
  action: string,
  { principal, context, address }: Call,
  { actor, target, detail }: AuditNote,
): Promise<void> {
  const entry = {
    actor: actor ?? principal?.name ?? "",
    actorKind: principal?.by ?? "session",
    action,
    target: (target ?? Object.values(context.req.param()).join("/")).slice(0, 200),
    address: address ?? "",
    detail: detail ?? {},
  };
  try {
    await addAuditEntry(db, entry, stamp());
  } catch (error) {
    // The change is made and must be acknowledged; that it is not written down must not stay unseen.
    log.error("audit.failed", { action, target: entry.target, actor: entry.actor, error });
  }
}
