import assert from "node:assert/strict";
import { csvOf } from "../../src/admin/usage_csv.ts";

Deno.test("csvOf() quotes what needs it, flattens, leaves absent fields empty and disarms formulas", async () => {
  const rows = [
    { model: "=cmd(),1", requests: 1, quantiles: { p50: 2.5 } },
    { model: 'say "hi"\nnow', requests: -1, start: null, isStream: true },
    { model: "@x", tags: ["a"] },
  ];

  const response = csvOf(rows, "usage.csv");

  assert.equal(
    await response.text(),
    "model,requests,quantiles.p50,isStream,tags\r\n" +
      `"'=cmd(),1",1,2.5,,\r\n` +
      `"say ""hi""\nnow",-1,,true,\r\n` +
      `'@x,,,,"[""a""]"\r\n`,
  );
  assert.equal(response.headers.get("content-disposition"), 'attachment; filename="usage.csv"');
});
