import type { Role } from "../core/role.ts";
import type { Action, Method, Route } from "./route.ts";

type Methods = Method | "PUT|PATCH";

const METHODS: readonly Method[] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** One line of the route list: `METHOD path`, its id, the least role, what it does, and the action. */
export function route(
  line: `${Methods} /${string}`,
  id: string,
  role: Role | "anyone",
  summary: string,
  act: Action,
): Route {
  const [verbs = "", path = ""] = line.split(" ");
  return {
    methods: METHODS.filter((each) => verbs.split("|").includes(each)),
    path,
    id,
    role,
    summary,
    action: act,
  };
}
