/** What a sample is told apart by; of a name that `labelNames` lists. */
export type Labels = Readonly<Record<string, string>>;

/** One histogram's worth of what was counted elsewhere: how many were at most `le`, bucket by bucket, and their sum. */
export interface HistogramReading {
  readonly labels: Labels;
  /** In rising order; the last is followed by `+Inf`, which holds `count`. */
  readonly buckets: readonly { readonly le: number; readonly count: number }[];
  readonly sum: number;
  readonly count: number;
}

/**
 * Metrics in Prometheus' text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats). By hand, because
 * prom-client needs a package that `deno compile` 2.9 breaks off at: it takes that one's sample of 100,000 numbers
 * for a program and overflows its stack.
 */
export class MetricsRegistry {
  readonly contentType = "text/plain; version=0.0.4; charset=utf-8";
  readonly #families: (() => readonly string[])[] = [];

  counter(name: string, help: string): Metric {
    return this.#metric(name, help, "counter");
  }

  gauge(name: string, help: string): Metric {
    return this.#metric(name, help, "gauge");
  }

  histogram(name: string, help: string, readings: readonly HistogramReading[]): void {
    this.#families.push(() => [
      ...headOf(name, help, "histogram"),
      ...readings.flatMap(({ labels, buckets, sum, count }) => [
        ...buckets.map(({ le, count }) => line(`${name}_bucket`, { ...labels, le: String(le) }, count)),
        line(`${name}_bucket`, { ...labels, le: "+Inf" }, count),
        line(`${name}_sum`, labels, sum),
        line(`${name}_count`, labels, count),
      ]),
    ]);
  }

  /** All of it, as it stands now. */
  text(): string {
    return this.#families.flatMap((lines) => lines()).join("\n") + "\n";
  }

  #metric(name: string, help: string, type: "counter" | "gauge"): Metric {
    const metric = new Metric(name);
    this.#families.push(() => [...headOf(name, help, type), ...metric.lines()]);
    return metric;
  }
}

/** The samples of one name. */
export class Metric {
  readonly #name: string;
  readonly #samples = new Map<string, { readonly labels: Labels; value: number }>();

  constructor(name: string) {
    this.#name = name;
  }

  set(labels: Labels, value: number): void {
    this.#sample(labels).value = value;
  }

  add(labels: Labels, value: number): void {
    this.#sample(labels).value += value;
  }

  lines(): string[] {
    return [...this.#samples.values()].map(({ labels, value }) => line(this.#name, labels, value));
  }

  #sample(labels: Labels): { value: number } {
    const key = JSON.stringify(Object.entries(labels));
    const known = this.#samples.get(key);
    if (known !== undefined) return known;
    const sample = { labels, value: 0 };
    this.#samples.set(key, sample);
    return sample;
  }
}

function headOf(name: string, help: string, type: string): string[] {
  return [
    `# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`,
    `# TYPE ${name} ${type}`,
  ];
}

function line(name: string, labels: Labels, value: number): string {
  const shown = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`).join(",");
  return `${name}${shown === "" ? "" : `{${shown}}`} ${value}`;
}

/** In the value of a label: backslash, quotation mark and line feed. */
function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
