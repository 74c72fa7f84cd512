import type { AuditMessages } from "./audit.en.ts";

export const auditZh: AuditMessages = {
  title: "审计",
  lead: "所有变更和密钥查看，最新的在前；记录不可修改",
  columns: { time: "时间", who: "操作者", action: "操作", target: "对象", address: "来源", detail: "详情" },
  filter: { actor: "操作者", action: "操作", target: "对象" },
  empty: "还没有任何变更",
  emptyHint: "一旦有人做了变更，就会显示在这里。",
  noMatch: "没有符合筛选条件的记录",
  by: { session: "通过浏览器", password: "使用所有者密码", token: "使用令牌" },
};
