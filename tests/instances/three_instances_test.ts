import { actAsOne } from "./scenario.ts";
import { WITHOUT_SQLD, withThreeInstances } from "./shared_stores.ts";

Deno.test({
  name: `three processes on one KV file and one libSQL server act as one${WITHOUT_SQLD}`,
  ignore: WITHOUT_SQLD !== "",
  fn: (t) => withThreeInstances((instances) => actAsOne(t, instances, 800)),
});
