import assert from "node:assert/strict";
import { DCLinter } from "dclint";
import { validate } from "dockerfile-utils";
import { parse } from "yaml";
import { z } from "zod";
import denoConfig from "../../deno.json" with { type: "json" };
import { listVariables } from "../../src/environment.ts";

const root = new URL("../../", import.meta.url);
const read = (path: string) => Deno.readTextFile(new URL(path, root));

/** The order of lines, and what a front on the ports 80 and 443 must do, are no faults. */
const NO_FAULTS = [
  "no-build-and-image",
  "no-unbound-port-interfaces",
  "service-keys-order",
  "services-alphabetical-order",
  "top-level-properties-order",
];

const lintResults = z.array(
  z.object({ messages: z.array(z.object({ rule: z.string(), message: z.string() })) }),
);

const composeFile = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string(),
      read_only: z.boolean().optional(),
      cap_drop: z.array(z.string()).optional(),
      security_opt: z.array(z.string()),
      volumes: z.array(z.string()).optional(),
      networks: z.array(z.string()).optional(),
      stop_grace_period: z.string().optional(),
      environment: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
    }),
  ),
  volumes: z.record(z.string(), z.unknown()),
  networks: z.record(z.string(), z.unknown()).optional(),
});

const readCompose = async (name: string): Promise<unknown> =>
  parse(await read(`docs/deploy/${name}`), { merge: true });

for (const name of ["compose.yaml", "compose.three.yaml"]) {
  Deno.test(`docs/deploy/${name} is a compose file, hardened, and sets what there is to set`, async () => {
    const linter = new DCLinter({
      rules: {
        ...Object.fromEntries(NO_FAULTS.map((rule): [string, 0] => [rule, 0])),
        "require-quotes-in-ports": [1, { quoteType: "double" }],
      },
      quiet: false,
      debug: false,
      exclude: [],
    });
    const known = new Set(listVariables().map(({ name }) => name));

    const results = lintResults.parse(
      linter.lintFiles([new URL(`docs/deploy/${name}`, root).pathname], false),
    );
    const { services, volumes, networks = {} } = composeFile.parse(await readCompose(name));

    assert.deepEqual(
      results.flatMap(({ messages }) => messages.map(({ rule, message }) => `${rule}: ${message}`)),
      [],
    );
    for (const [service, options] of Object.entries(services)) {
      assert.match(options.image, /^(?:keyturn:local|\S+:v?\d[\w.-]*)$/, `${service} has a version`);
      assert.deepEqual(options.security_opt, ["no-new-privileges:true"], service);
      const named = (options.volumes ?? []).map((volume) => volume.split(":")[0] ?? "").filter((source) =>
        !source.startsWith(".")
      );
      assert.deepEqual(named.filter((volume) => !(volume in volumes)), [], service);
      assert.deepEqual((options.networks ?? []).filter((network) => !(network in networks)), [], service);
      if (options.image !== "keyturn:local") continue;
      assert.deepEqual([options.read_only, options.cap_drop, options.stop_grace_period], [
        true,
        ["ALL"],
        "30s",
      ]);
      const ours = Object.keys(options.environment ?? {}).filter((variable) => !variable.startsWith("DENO_"));
      assert.deepEqual(ours.filter((variable) => !known.has(variable)), []);
    }
  });
}

Deno.test("docs/deploy/compose.three.yaml keeps its stores away from everything but the instances", async () => {
  const { services, networks } = composeFile.parse(await readCompose("compose.three.yaml"));

  const inStores = Object.keys(services).filter((name) => services[name]?.networks?.includes("stores"));

  assert.deepEqual(inStores.toSorted(), ["denokv", "keyturn-1", "keyturn-2", "keyturn-3", "sqld"]);
  assert.deepEqual(networks?.["stores"], { internal: true });
  assert.ok(!("ports" in (services["sqld"] ?? {})) && !("ports" in (services["denokv"] ?? {})));
});

Deno.test("Dockerfile has no fault, a pinned base, a user of no rights, and no shell in between", async () => {
  const text = await read("Dockerfile");
  const last = text.slice(text.lastIndexOf("\nFROM "));

  const problems = validate(text).map(({ message, range }) => `${range.start.line + 1}: ${message}`);

  assert.deepEqual(problems, []);
  assert.match(text, /^FROM \S+:\d+\.\d+\.\d+-\S+ AS build$/m);
  assert.match(last, /^FROM scratch$/m);
  assert.match(last, /^USER 10001:10001$/m);
  assert.match(last, /^HEALTHCHECK .*CMD \["deno", /m);
  assert.match(last, /^ENTRYPOINT \["deno", "run", .*"main\.ts"\]$/m);
});

Deno.test("Dockerfile takes the Deno of the README, and every file that main.ts needs", async () => {
  const [text, ignored, readme] = await Promise.all([
    read("Dockerfile"),
    read(".dockerignore"),
    read("README.md"),
  ]);
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--no-npm", "--json", "main.ts"],
    cwd: root,
  }).output();
  const graph = z.object({ modules: z.array(z.object({ specifier: z.string() })) })
    .parse(JSON.parse(new TextDecoder().decode(stdout)));
  const ours = graph.modules.map(({ specifier }) => specifier).filter((url) => url.startsWith(root.href));
  const needed = new Set(ours.map((url) => url.slice(root.href.length).split("/")[0] ?? ""));

  const copied = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names = ""]) =>
    names.split(" ")
  );
  const admitted = [...ignored.matchAll(/^!(.+)$/gm)].map(([, name]) => name);

  assert.equal(/deno@([\d.]+)/.exec(text)?.[1], /deno@([\d.]+)/.exec(readme)?.[1]);
  assert.deepEqual([...needed].filter((name) => !copied.includes(name)), []);
  assert.deepEqual(copied.toSorted(), admitted.toSorted());
  assert.ok(copied.includes("static") && copied.includes("deno.lock"));
});

Deno.test("Dockerfile, systemd unit and Caddyfile agree with the program on ports, folders and times", async () => {
  const [dockerfile, unit, caddyfile] = await Promise.all(
    ["Dockerfile", "docs/deploy/keyturn.service", "docs/deploy/Caddyfile"].map(read),
  );
  const variables = new Map(listVariables().map(({ name, note }) => [name, note.example]));
  const drainSeconds = Number(variables.get("DRAIN_SECONDS"));

  assert.match(dockerfile ?? "", new RegExp(`PORT=${variables.get("PORT")} DATA_DIR=/data`));
  assert.match(unit ?? "", /^Environment=DATA_DIR=\/var\/lib\/keyturn$/m);
  assert.ok(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit ?? "")?.[1]) > drainSeconds);
  assert.match(caddyfile ?? "", /flush_interval -1/);
  assert.equal(denoConfig.unstable.includes("cron"), true, "without it Deno Deploy has no background work");
});

Deno.test("docs/deploy/keyturn.service has the settings that keep it in its folder", async () => {
  const lines = (await read("docs/deploy/keyturn.service")).split("\n").filter((line) => /^\w+=/.test(line));
  const settings = new Map(
    lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );

  const wanted = [
    "NoNewPrivileges",
    "DynamicUser",
    "PrivateTmp",
    "PrivateDevices",
    "ProtectHome",
    "RestrictNamespaces",
  ];

  assert.deepEqual(wanted.filter((name) => settings.get(name) !== "yes"), []);
  assert.equal(settings.get("ProtectSystem"), "strict");
  assert.equal(settings.get("CapabilityBoundingSet"), "");
  assert.equal(settings.get("StateDirectory"), "keyturn");
  assert.equal(settings.get("RestartPreventExitStatus"), "2 78");
  assert.equal(settings.has("MemoryDenyWriteExecute"), false, "V8 cannot run under it");
});

const hasSystemd = await new Deno.Command("systemd-analyze", { args: ["--version"], stdout: "null" }).output()
  .then(({ success }) => success, () => false);

Deno.test({
  name: `docs/deploy/keyturn.service is exposed to no more than 2 of 10${
    hasSystemd ? "" : " (skipped: no systemd-analyze)"
  }`,
  ignore: !hasSystemd,
  async fn() {
    const unit = new URL("docs/deploy/keyturn.service", root).pathname;

    const { success, stdout, stderr } = await new Deno.Command("systemd-analyze", {
      args: ["security", "--offline=true", "--threshold=20", unit],
      env: { LC_ALL: "C" },
    }).output();

    const text = new TextDecoder();
    assert.equal(text.decode(stderr), "", "every setting is known");
    assert.ok(success, text.decode(stdout).split("\n").slice(-3).join("\n"));
  },
});
