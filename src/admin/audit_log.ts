import { z } from "zod";
import { listAuditEntries } from "../store/audit_store.ts";
import { AuditPage } from "../../views/audit.tsx";
import { action } from "./action.ts";
import type { AdminDeps } from "./deps.ts";

const auditQuery = z.object({
  before: z.string().max(64).exactOptional(),
  limit: z.coerce.number().int().min(1).max(1000).default(50),
  actor: z.string().max(200).exactOptional(),
  /** An id of a route, or its beginning: `provider.`. */
  action: z.string().max(100).exactOptional(),
  target: z.string().max(200).exactOptional(),
});

const entryAnswer = z.object({
  id: z.string(),
  atMs: z.number(),
  actor: z.string(),
  actorKind: z.string(),
  action: z.string(),
  target: z.string(),
  address: z.string(),
  detail: z.record(z.string(), z.unknown()),
});

/** `GET /admin/audit?actor=&action=&target=&before=&limit=`: newest first; `next` is the `before` of the next page. */
export function listAudit({ db }: AdminDeps) {
  return action({
    query: auditQuery,
    answer: z.object({ entries: z.array(entryAnswer), next: z.string().nullable() }),
    run: async ({ query: { before, ...filters } }) => {
      const page = { ...filters, ...(before !== undefined && { beforeId: before }) };
      const entries = await listAuditEntries(db, page);
      return { entries, next: entries.length === page.limit ? entries.at(-1)?.id ?? null : null };
    },
    page: ({ entries, next }, { view }) => AuditPage({ view: view(), entries, next }),
  });
}
