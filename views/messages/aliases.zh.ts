import type { AliasesMessages } from "./aliases.en.ts";

export const aliasesZh: AliasesMessages = {
  title: "模型别名",
  lead: "调用方使用的名称，以及它们所指的模型",
  add: "添加别名",
  editOne: (name) => `编辑 ${name}`,
  empty: "还没有别名",
  emptyHint: "有了“fast”这样的别名，调用方无需改设置，您可以随时更换背后的模型。",
  columns: { name: "别名", target: "指向", fallback: "超长时" },
  noFallback: "直接返回拒绝",
  form: {
    name: "别名",
    nameHint: "调用方写在 model 里的名称",
    target: "指向",
    targetHint: "模型名，或 供应商/模型，或 分组/模型",
    fallback: "请求超长时",
    fallbackHint: "上下文更大的模型，会改问它一次。留空则直接返回拒绝",
  },
  created: (name) => `已添加 ${name}`,
  saved: (name) => `已保存 ${name}`,
  deleted: (name) => `已删除 ${name}`,
  deleteTitle: (name) => `删除别名 ${name}？`,
  deleteText: (name) => `之后请求 ${name} 会得到 404，除非有供应商提供它。`,
};
