/** How the load's requests fared, as their caller saw it. */
export interface LoadCounts {
  sent: number;
  succeeded: number;
  failed: number;
}

export interface DemoLoad {
  readonly counts: Readonly<LoadCounts>;
  /** Sends nothing more and waits for what is under way. */
  stop(): Promise<void>;
}

const PERIOD_MS = 180;

/** Sends some five requests a second, of the three dialects in turn, every other one streamed. */
export function startDemoLoad(url: string, clientKey: string): DemoLoad {
  const counts: LoadCounts = { sent: 0, succeeded: 0, failed: 0 };
  const running = new Set<Promise<void>>();
  const timer = setInterval(() => {
    const number = counts.sent++;
    const running_ = send(url, clientKey, number).then((isGood) => {
      if (isGood) counts.succeeded++;
      else counts.failed++;
      running.delete(running_);
    });
    running.add(running_);
  }, PERIOD_MS);
  return {
    counts,
    async stop() {
      clearInterval(timer);
      await Promise.all(running);
    },
  };
}

async function send(url: string, clientKey: string, number: number): Promise<boolean> {
  const request = REQUESTS[number % REQUESTS.length];
  if (request === undefined) return false;
  const isStream = number % 2 === 1;
  try {
    const response = await fetch(url + request.path(isStream), {
      method: "POST",
      headers: {
        authorization: `Bearer ${clientKey}`,
        "content-type": "application/json",
        ...request.headers,
      },
      body: JSON.stringify(request.body(isStream)),
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    // The load goes on; a failure is a number in the table.
    return false;
  }
}

interface LoadRequest {
  readonly headers: Readonly<Record<string, string>>;
  path(isStream: boolean): string;
  body(isStream: boolean): unknown;
}

const PROMPT = "Please say 12 words about turning keys";

const OPENAI: LoadRequest = {
  headers: {},
  path: () => "/v1/chat/completions",
  body: (stream) => ({ model: "gpt-4o-mini", stream, messages: [{ role: "user", content: PROMPT }] }),
};

const ANTHROPIC: LoadRequest = {
  headers: { "anthropic-version": "2023-06-01" },
  path: () => "/v1/messages",
  body: (stream) => ({
    model: "claude-sonnet-4-5",
    max_tokens: 200,
    stream,
    messages: [{ role: "user", content: PROMPT }],
  }),
};

const GEMINI: LoadRequest = {
  headers: {},
  path: (isStream) =>
    `/v1beta/models/gemini-2.5-flash:${isStream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
  body: () => ({ contents: [{ role: "user", parts: [{ text: PROMPT }] }] }),
};

/** OpenAI has the most keys and gets the most traffic; an odd number, so that streams fall on each in turn. */
const REQUESTS: readonly LoadRequest[] = [OPENAI, ANTHROPIC, OPENAI, GEMINI, OPENAI];
