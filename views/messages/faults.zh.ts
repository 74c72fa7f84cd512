import type { FaultMessages } from "./faults.en.ts";

export const faultsZh: FaultMessages = {
  needed: "此项必填",
  notTaken: "无法接受该值",
  notKnown: "没有这个字段",
  takesNumber: "请填写数字",
  takesYesOrNo: "请填写是或否",
  tooShort: (least) => `至少 ${least} 个字符`,
  tooLong: (most) => `最多 ${most} 个字符`,
  tooSmall: (least) => `不能小于 ${least}`,
  tooBig: (most) => `不能大于 ${most}`,
  takesOneOf: (values) => `可选值：${values.join("、")}`,
  refusals: { fields: "未保存：部分字段需要修改" },
  titles: {
    400: "无法理解该请求",
    401: "请先登录",
    403: "你没有权限执行此操作",
    404: "这里什么都没有",
    409: "与已有内容冲突",
    422: "部分值无法接受",
    429: "尝试次数过多",
    500: "我们这边出错了",
  },
  back: "返回",
  overview: "回到首页",
};
