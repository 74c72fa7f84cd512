/** Where one SDK is pointed: nothing else of it is changed. */
export interface SdkEndpoint {
  readonly baseURL: string;
  readonly apiKey: string;
}

/** The three SDKs' endpoints, and a key that each of them must refuse. */
export interface SdkTarget {
  readonly openai: SdkEndpoint;
  readonly anthropic: SdkEndpoint;
  readonly gemini: SdkEndpoint;
  readonly wrongKey: string;
  /** Status that the Gemini endpoint gives to a wrong key: Google answers 400. */
  readonly geminiWrongKeyStatus: number;
  close(): Promise<void>;
}

/** Registers one test against a target of its own. */
export type Register = (what: string, run: (target: SdkTarget) => Promise<void>) => void;

/** Parameters of the tools that are offered. */
export const WEATHER = {
  type: "object" as const,
  properties: { city: { type: "string" }, days: { type: "integer" } },
  required: ["city"],
};
/** A prompt on which the simulated providers call both tools. */
export const ASK_WEATHER = "call get_weather and get_time with city=Paris days=3";
