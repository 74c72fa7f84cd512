/** The audit: who has done what. */
export const auditEn = {
  title: "Audit",
  lead: "Every change and every reveal, newest first. Entries are never changed",
  columns: {
    time: "Time",
    who: "Who",
    action: "Action",
    target: "Target",
    address: "From",
    detail: "Detail",
  },
  filter: { actor: "Who", action: "Action", target: "Target" },
  empty: "Nothing has been changed yet",
  emptyHint: "As soon as somebody changes something, it stands here.",
  noMatch: "No entry matches this filter",
  by: { session: "in a browser", password: "with the owner's password", token: "with a token" },
};

export type AuditMessages = typeof auditEn;
