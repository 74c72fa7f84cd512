import type { SignInMessages } from "./sign_in.en.ts";

export const signInZh: SignInMessages = {
  title: "登录",
  name: "用户名",
  password: "密码",
  signIn: "登录",
  wrong: "用户名或密码错误",
  wait: (seconds) => `尝试次数过多，请等待 ${seconds} 秒`,
  signedOut: "你已退出登录",
  setUp: {
    title: "欢迎使用 Keyturn",
    lead: "请设置所有者密码。为证明这台服务器属于你，请填写它启动时打印的设置令牌。",
    token: "设置令牌",
    tokenHint: "启动时在终端或日志中打印一次，位于 “Admin key” 之后",
    wrongToken: "设置令牌不正确",
    password: "新密码",
    passwordHint: "至少 8 个字符；程序也用它作为 X-Admin-Key",
    repeat: "再次输入",
    differs: "两次输入不一致",
    begin: "设置密码并登录",
    done: "密码已设置",
  },
};
