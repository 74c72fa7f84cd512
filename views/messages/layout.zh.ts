import type { LayoutMessages } from "./layout.en.ts";

export const layoutZh: LayoutMessages = {
  product: "Keyturn",
  skip: "跳到正文",
  navigation: "主导航",
  menu: "菜单",
  sections: { watch: "监控", pool: "密钥池", access: "访问", system: "系统" },
  theme: "主题",
  themes: { auto: "跟随系统", light: "浅色", dark: "深色" },
  language: "语言",
  signedInAs: (name, role) => `已登录：${name}（${role}）`,
  signOut: "退出登录",
  apply: "应用",
  roles: { viewer: "查看者", operator: "操作员", owner: "所有者" },
  shortcuts: "键盘快捷键",
  shortcutHelp: {
    search: "跳到筛选框",
    go: "前往页面",
    help: "显示本帮助",
    close: "关闭",
  },
  live: "实时",
  offline: "连接已断开，正在重试",
};
