/** A tool that is offered, in the words of no SDK. */
export interface MatrixTool {
  readonly name: string;
  readonly description: string;
  readonly parameters: {
    readonly type: "object";
    readonly properties: Readonly<Record<string, { readonly type: "string" }>>;
    readonly required: string[];
    readonly additionalProperties: false;
  };
}

const city = {
  type: "object" as const,
  properties: { city: { type: "string" as const } },
  required: ["city"],
  additionalProperties: false as const,
};
const nothing = {
  type: "object" as const,
  properties: {},
  required: [],
  additionalProperties: false as const,
};

export const TOOLS: readonly MatrixTool[] = [
  { name: "get_forecast", description: "Weather of tomorrow", parameters: city },
  { name: "get_weather", description: "Weather of today", parameters: city },
  { name: "get_time", description: "The time", parameters: nothing },
];

/** A prompt on which the simulated providers call one tool, then three at once, of which two are the same. */
export const ASK_TOOLS =
  "Look at get_forecast city=Oslo then at get_weather city=Paris and get_weather city=Rome and get_time";

/** The rounds of calls that follow from `ASK_TOOLS`. */
export const ROUNDS = [
  ['get_forecast {"city":"Oslo"}'],
  ['get_weather {"city":"Paris"}', 'get_weather {"city":"Rome"}', "get_time {}"],
];

/** What the model says at the end: each result by the call that it answers, in their order. */
export const SAID_OF_TOOLS =
  /^get_weather said: .*sunny in Paris.*; get_weather said: .*sunny in Rome.*; get_time said: .*ten o'clock.*$/;

/** More rounds than any conversation of the matrix has. */
export const MAX_ROUNDS = 5;

export function runTool(name: string, args: unknown): string {
  if (name === "get_time") return "ten o'clock";
  const told = typeof args === "object" && args !== null && "city" in args ? String(args.city) : "nowhere";
  return name === "get_weather" ? `sunny in ${told}` : `rain in ${told}`;
}

/** A call as the rounds of a loop tell it. */
export function toldCall(name: string, args: unknown): string {
  return `${name} ${JSON.stringify(args)}`;
}
