import { type Config, ConfigError } from "../config.ts";
import type { Provider } from "../core/provider.ts";
import { scrub } from "../dialect/scrub.ts";
import { describeMachine } from "./doctor_machine.ts";
import { checkProviders, type ProviderCheck } from "./doctor_providers.ts";
import { checkPort } from "./doctor_port.ts";
import { checkStores } from "./doctor_stores.ts";
import { fault, type Finding, good, note, renderFindings } from "./finding.ts";

export interface DoctorOptions extends ProviderCheck {
  /** @throws {ConfigError} */
  readonly readConfig: () => Config;
  readonly version: string;
  readonly say: (text: string) => void;
}

/** Looks at everything a server needs and changes nothing, also while one runs; gives the exit code: 1 for a fault. */
export async function doctor({ readConfig, version, say, ...check }: DoctorOptions): Promise<number> {
  const findings: Finding[] = [...describeMachine(version)];
  const config = readOrNote(readConfig, findings);
  if (config !== undefined) {
    findings.push(...adviseOnSettings(config));
    let providers: readonly Provider[] = [];
    findings.push(...await checkStores(config, (found) => providers = found));
    findings.push(...await checkPort(config));
    findings.push(...await checkProviders(config, providers, check));
  }
  say(scrub(renderFindings(findings), []));
  const faults = findings.filter(({ kind }) => kind === "fault").length;
  say(faults === 0 ? "\nNothing must be mended.\n" : `\nTo be mended: ${faults}\n`);
  return faults === 0 ? 0 : 1;
}

function readOrNote(readConfig: () => Config, findings: Finding[]): Config | undefined {
  try {
    const config = readConfig();
    findings.push(good("settings", "can be read"));
    return config;
  } catch (error) {
    // Nothing else can be looked at without them; the faults say how to mend them.
    if (!(error instanceof ConfigError)) throw error;
    findings.push(...error.faults.map((line) => fault("settings", line)));
    return undefined;
  }
}

function adviseOnSettings(config: Config): Finding[] {
  const isReachable = !/^(?:127\.|::1$|localhost$)/.test(config.hostname);
  const found: Finding[] = [];
  if (isReachable && config.allowAnonymous) {
    found.push(
      fault("settings", "ALLOW_ANONYMOUS lets every machine that reaches this one use the keys: unset it"),
    );
  }
  if (isReachable && !config.isOnDeploy && config.publicUrl?.startsWith("https:") !== true) {
    found.push(
      note("settings", "other machines reach it without TLS: put a proxy with HTTPS before it (PUBLIC_URL)"),
    );
  }
  return found;
}
