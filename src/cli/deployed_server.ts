import { Buffer } from "node:buffer";
import { createHash, randomBytes } from "node:crypto";
import { NOT_READY_STYLE, NotReadyPage } from "../../views/not_ready.tsx";
import { type Config, ConfigError, type WrongSetting } from "../config.ts";
import { type Keyturn, openKeyturn } from "../keyturn.ts";
import type { Log } from "../log.ts";
import type { Serve } from "../app.ts";
import { MasterKeyError } from "../store/master_key.ts";
import { StoreError } from "../store/store_error.ts";
import { drain, type Listening } from "./serve.ts";

export interface DeployedServerDeps {
  /** @throws {ConfigError} */
  readonly readConfig: () => Config;
  readonly createLog: (config: Pick<Config, "logLevel">) => Log;
  /** Told when it is open. */
  readonly onOpen: (keyturn: Keyturn, config: Config) => void;
  readonly nowMs: () => number;
}

/**
 * Keyturn on Deno Deploy, where a program that ends at its start is only started again for the next request, which
 * gets a bare 502: docs.deno.com/deploy/reference/runtime/#startup. So this answers from the first moment, with a
 * page of what is missing until it can open, and tries again by itself.
 */
export class DeployedServer {
  readonly #deps: DeployedServerDeps;
  #opening: Promise<Opened | NotReady> | undefined;
  #failedMs: number | undefined;

  constructor(deps: DeployedServerDeps) {
    this.#deps = deps;
  }

  /** Answers one request; never rejects. */
  readonly serve: Serve = async (request, info) => {
    const opened = await this.open();
    return opened instanceof NotReady ? answerNotReady(request, opened) : opened.keyturn.serve(request, info);
  };

  /** Opens it, unless it is open or was tried a moment ago. */
  open(): Promise<Opened | NotReady> {
    const isDue = this.#failedMs !== undefined && this.#deps.nowMs() - this.#failedMs >= RETRY_MS;
    if (this.#opening === undefined || isDue) {
      this.#failedMs = undefined;
      this.#opening = this.#tryToOpen();
    }
    return this.#opening;
  }

  /**
   * Does the background work that is due, for an instance lives only while it is asked.
   * @throws {Error} when it cannot open.
   */
  async runUpkeep(): Promise<void> {
    const opened = await this.open();
    if (opened instanceof NotReady) throw new Error(`Cannot do the background work: ${opened.reason}`);
    await opened.keyturn.runUpkeep();
  }

  /** Lets answers under way end, writes what is not written yet, and closes. */
  async stop(listening: Listening): Promise<void> {
    const opened = await this.#opening;
    if (opened === undefined || opened instanceof NotReady) return await listening.shutdown();
    await drain(opened.log, listening, opened.keyturn);
  }

  async #tryToOpen(): Promise<Opened | NotReady> {
    let log = this.#deps.createLog({ logLevel: "info" });
    try {
      const config = this.#deps.readConfig();
      log = this.#deps.createLog(config);
      const keyturn = await openKeyturn(config, log);
      this.#deps.onOpen(keyturn, config);
      return { keyturn, config, log };
    } catch (error) {
      // Whatever it is: the next request, ten seconds from now, may try again.
      log.error("start.failed", error instanceof ConfigError ? { faults: error.faults } : { error });
      this.#failedMs = this.#deps.nowMs();
      return NotReady.of(error);
    }
  }
}

interface Opened {
  readonly keyturn: Keyturn;
  readonly config: Config;
  readonly log: Log;
}

/** Why it could not be opened, in words for anybody. */
class NotReady {
  readonly settings: readonly WrongSetting[];
  readonly reason: string;

  constructor(reason: string, settings: readonly WrongSetting[] = []) {
    this.settings = settings;
    this.reason = reason;
  }

  static of(error: unknown): NotReady {
    if (error instanceof ConfigError) {
      const names = error.settings.map(({ name }) => name).join(", ");
      return new NotReady(`the settings ${names} are missing or wrong`, error.settings);
    }
    // Its address is the operator's alone.
    if (error instanceof StoreError || error instanceof MasterKeyError) {
      return new NotReady(error.message.replace(/ ?\b[a-z]+:\/\/[^\s]*?(?=:? |$)/g, ""));
    }
    return new NotReady("Cannot start: the application's log tells why");
  }
}

/** A store that was out of reach is asked again after this time. */
const RETRY_MS = 10_000;

const STYLE_HASH = createHash("sha256").update(NOT_READY_STYLE).digest("base64");

async function answerNotReady(request: Request, { reason, settings }: NotReady): Promise<Response> {
  const headers = { "retry-after": String(RETRY_MS / 1000), "cache-control": "no-store" };
  if (!/\btext\/html\b/i.test(request.headers.get("accept") ?? "")) {
    const error = { code: "not_ready", type: "not_ready", message: `Keyturn is not ready yet: ${reason}` };
    return Response.json({ error }, { status: 503, headers });
  }
  const newMasterKey = Buffer.from(randomBytes(32)).toString("base64");
  const page = await NotReadyPage({
    settings,
    reason: settings.length === 0 ? `${reason}.` : undefined,
    newMasterKey,
  });
  return new Response(`<!DOCTYPE html>${page}`, {
    status: 503,
    headers: {
      ...headers,
      "content-type": "text/html; charset=utf-8",
      "content-security-policy":
        `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'`,
      "x-content-type-options": "nosniff",
    },
  });
}
