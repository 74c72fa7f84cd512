import { z } from "zod";
import { parseKeyList } from "./core/key_list.ts";
import { parseNetworkList } from "./core/network_list.ts";
import { Secret } from "./core/secret.ts";
import { LOG_LEVELS } from "./log.ts";

/** The kinds of values that environment variables have. Each takes the variable's text, without space around it. */

/** Secrets that the systems before us shipped as defaults, and that must not guard anything. */
const KNOWN_DEFAULTS = new Set([
  "admin",
  "admin123",
  "123456",
  "password",
  "your-global-proxy-key",
  "changeme",
]);

/** Level names of the loggers that the systems before us used. */
const LOG_LEVEL_SYNONYMS: Readonly<Record<string, string>> = {
  trace: "debug",
  warning: "warn",
  fatal: "error",
  panic: "error",
};

const asSecret = (value: string) => new Secret(value);
/** A client key guards our door: one that can be guessed, or that the systems before us shipped, does not. */
const isFitClientKey = (key: string) => key.length >= 8 && !KNOWN_DEFAULTS.has(key);

export const flag = z.stringbool({ truthy: ["true", "1", "yes", "on"], falsy: ["false", "0", "no", "off"] });
export const seconds = (least: number, most: number) => z.coerce.number().min(least).max(most);
export const count = (least: number, most: number) => z.coerce.number().int().min(least).max(most);
export const httpUrl = z.url({ protocol: /^https?$/ });
/** `host:port` or `:port`. */
export const listenAddress = z.string().regex(/^[^\s/]*:\d{1,5}$/).refine((address) =>
  Number(address.slice(address.lastIndexOf(":") + 1)) <= 65535
);
export const logLevel = z.string().toLowerCase().transform((name) => LOG_LEVEL_SYNONYMS[name] ?? name)
  .pipe(z.enum(LOG_LEVELS));

export const secret = z.string().min(1).transform(asSecret);
/** 32 bytes in base64, base64url or hex. */
export const masterKey = z.string().regex(/^(?:[0-9a-fA-F]{64}|[A-Za-z0-9+/_-]{43}=?)$/).transform(asSecret);
/** One or more of them, separated by commas or spaces. */
export const masterKeys = z.string().regex(
  /^(?:[0-9a-fA-F]{64}|[A-Za-z0-9+/_-]{43}=?)(?:[\s,]+(?:[0-9a-fA-F]{64}|[A-Za-z0-9+/_-]{43}=?))*$/,
).transform(asSecret);
export const adminPassword = z.string().min(8).max(256).refine((value) => !KNOWN_DEFAULTS.has(value))
  .transform(asSecret);
export const sessionSecret = z.string().min(32).transform(asSecret);
export const clientKey = z.string().refine(isFitClientKey).transform(asSecret);
export const clientKeyList = z.string().transform((text) => text.split(/[,\s]+/).filter((key) => key !== ""))
  .refine((keys) => keys.every(isFitClientKey)).transform((keys) => keys.map(asSecret));
const ALL_OR_NONE: Readonly<Record<string, string>> = { true: "0.0.0.0/0,::/0", false: "" };
/** Addresses and networks, separated by commas or spaces. */
export const networkList = z.string().transform((text) =>
  text.split(/[,\s]+/).filter((entry) => entry !== "")
)
  .transform(parseNetworkList).refine((list) => list.badEntries.length === 0)
  .transform((list) => list.networks);
/** The same; `true` stands for all addresses and `false` for none. */
export const privateNetworks = z.string().transform((text) => ALL_OR_NONE[text.trim().toLowerCase()] ?? text)
  .pipe(networkList);
/** Provider keys with their weights. */
export const keyList = z.string().transform(parseKeyList).refine((list) => list.invalid.length === 0)
  .transform((list) => list.seeds);
