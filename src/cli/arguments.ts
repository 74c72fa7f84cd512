/** What the program is asked to do. */
export type Command =
  | { readonly name: "serve" }
  | { readonly name: "demo"; readonly seconds: number | undefined }
  | { readonly name: "help" }
  | { readonly name: "version" };

export const USAGE = `keyturn: pools API keys and relays requests to their providers

  keyturn [serve]            starts the server (settings: environment variables, see .env.example)
  keyturn demo [--seconds N] starts simulated providers, a server in front of them and a gentle load
  keyturn --help | --version
`;

/** Reads the command line; a string says what is wrong with it. */
export function readArguments(args: readonly string[]): Command | string {
  const [first = "serve", ...rest] = args;
  if (rest.includes("--help") || rest.includes("-h")) return { name: "help" };
  switch (first) {
    case "-h":
    case "--help":
    case "help":
      return { name: "help" };
    case "-V":
    case "--version":
    case "version":
      return { name: "version" };
    case "serve":
      return rest.length === 0 ? { name: "serve" } : `serve takes no arguments, got ${rest.length}`;
    case "demo":
      return readDemo(rest);
    default:
      return `unknown command ${JSON.stringify(first)}`;
  }
}

function readDemo(rest: readonly string[]): Command | string {
  if (rest.length === 0) return { name: "demo", seconds: undefined };
  const [flag, value, ...more] = rest;
  const seconds = Number(value);
  if (
    flag !== "--seconds" || value === undefined || more.length > 0 || !(seconds > 0 && seconds < Infinity)
  ) {
    return "demo takes --seconds and a number above 0, or nothing";
  }
  return { name: "demo", seconds };
}
