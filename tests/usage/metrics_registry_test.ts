import assert from "node:assert/strict";
import { MetricsRegistry } from "../../src/usage/metrics_registry.ts";

Deno.test("text() writes counters, gauges and histograms in Prometheus' text format, with labels escaped", () => {
  const registry = new MetricsRegistry();
  const requests = registry.counter("requests_total", "Requests,\nby model");
  requests.add({ model: 'a"b\\c\nd' }, 2);
  requests.add({ model: 'a"b\\c\nd' }, 1);
  requests.add({ model: "other" }, 1);
  registry.gauge("up", "1 while it runs").set({}, 1);
  const buckets = [{ le: 0.5, count: 2 }, { le: 1, count: 3 }];
  registry.histogram("seconds", "How long", [{ labels: { model: "m" }, buckets, sum: 2.25, count: 4 }]);

  const text = registry.text();

  assert.equal(
    text,
    `# HELP requests_total Requests,\\nby model
# TYPE requests_total counter
requests_total{model="a\\"b\\\\c\\nd"} 3
requests_total{model="other"} 1
# HELP up 1 while it runs
# TYPE up gauge
up 1
# HELP seconds How long
# TYPE seconds histogram
seconds_bucket{model="m",le="0.5"} 2
seconds_bucket{model="m",le="1"} 3
seconds_bucket{model="m",le="+Inf"} 4
seconds_sum{model="m"} 2.25
seconds_count{model="m"} 4
`,
  );
});
