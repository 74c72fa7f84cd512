import { type SimulatedProvider, startSimulatedProvider } from "./simulated_provider.ts";

/** A simulated provider of the demo, and how it is entered in Keyturn. */
export interface DemoProvider {
  readonly slug: "openai" | "anthropic" | "gemini";
  readonly simulated: SimulatedProvider;
  /** Secrets by what is peculiar about them, for the table on the terminal. */
  readonly keys: ReadonlyMap<string, string>;
}

/** Three providers with every kind of trouble that a pool meets: limits, a revoked key, an empty account, bursts. */
export function startDemoProviders(): DemoProvider[] {
  return [startOpenai(), startAnthropic(), startGemini()];
}

function startOpenai(): DemoProvider {
  const keys = new Map([
    ["sk-demo-steady-0001", "steady"],
    ["sk-demo-steady-0002", "steady"],
    ["sk-demo-steady-0003", "steady"],
    ["sk-demo-limited-0004", "20 a minute"],
    ["sk-demo-limited-0005", "10 a minute"],
    ["sk-demo-revoked-0006", "revoked"],
    ["sk-demo-broke-0007", "out of credit"],
    ["sk-demo-slow-0008", "slow"],
  ]);
  const simulated = startSimulatedProvider({
    dialect: "openai",
    chunkDelayMs: 20,
    keys: [
      { secret: "sk-demo-steady-0001", behaviour: "ok" },
      { secret: "sk-demo-steady-0002", behaviour: "ok" },
      { secret: "sk-demo-steady-0003", behaviour: "ok" },
      { secret: "sk-demo-limited-0004", behaviour: { limitedPerMinute: 20 } },
      { secret: "sk-demo-limited-0005", behaviour: { limitedPerMinute: 10 } },
      { secret: "sk-demo-revoked-0006", behaviour: "revoked" },
      { secret: "sk-demo-broke-0007", behaviour: "out_of_credit" },
      { secret: "sk-demo-slow-0008", behaviour: { slowMs: 1500 } },
    ],
  });
  return { slug: "openai", simulated, keys };
}

function startAnthropic(): DemoProvider {
  const keys = new Map([
    ["sk-ant-demo-steady-0001", "steady"],
    ["sk-ant-demo-steady-0002", "steady"],
    ["sk-ant-demo-limited-0003", "15 a minute"],
  ]);
  const simulated = startSimulatedProvider({
    dialect: "anthropic",
    chunkDelayMs: 20,
    bursts: { every: 40, length: 3, outage: "overloaded" },
    keys: [
      { secret: "sk-ant-demo-steady-0001", behaviour: "ok" },
      { secret: "sk-ant-demo-steady-0002", behaviour: "ok" },
      { secret: "sk-ant-demo-limited-0003", behaviour: { limitedPerMinute: 15 } },
    ],
  });
  return { slug: "anthropic", simulated, keys };
}

function startGemini(): DemoProvider {
  const keys = new Map([
    ["AIzaDemoSteady0001", "steady"],
    ["AIzaDemoLimited0002", "12 a minute"],
    ["AIzaDemoRevoked0003", "revoked"],
  ]);
  const simulated = startSimulatedProvider({
    dialect: "gemini",
    chunkDelayMs: 20,
    keys: [
      { secret: "AIzaDemoSteady0001", behaviour: "ok" },
      { secret: "AIzaDemoLimited0002", behaviour: { limitedPerMinute: 12 } },
      { secret: "AIzaDemoRevoked0003", behaviour: "revoked" },
    ],
  });
  return { slug: "gemini", simulated, keys };
}
