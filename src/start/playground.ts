import { ClientKeys } from "../access/client_keys.ts";
import type { PlaygroundDeps } from "../admin/playground_deps.ts";
import { PLAYGROUND_CLIENT_KEY_ID } from "../admin/request_view.ts";
import { UNBOUND } from "../core/client_key.ts";
import type { RequestRecord } from "../core/request_record.ts";
import { toResponse } from "../proxy/answer.ts";
import { explainRoute } from "../proxy/explain_route.ts";
import { fromRequest } from "../proxy/incoming.ts";
import type { RelayDeps } from "../proxy/plan_request.ts";
import { createRelay } from "../proxy/relay.ts";

/**
 * The way of requests that are sent by hand: the relay of all, with a client key that exists nowhere else, so that
 * nobody can present it and every such request is known by it. `flush` writes what was recorded.
 */
export function openPlayground(
  relayDeps: RelayDeps,
  flush: () => Promise<void>,
): PlaygroundDeps["playground"] {
  const secret = crypto.randomUUID();
  const clientKeys = new ClientKeys((presented) => presented, false);
  clientKeys.set({
    hash: secret,
    clientKey: {
      ...UNBOUND,
      id: PLAYGROUND_CLIENT_KEY_ID,
      name: "Playground",
      lastFour: "",
      isEnabled: true,
      createdAtMs: 0,
    },
  });
  return {
    explain: (question) => explainRoute(question, relayDeps),
    send: async ({ path, headers, body, keyId, signal }) => {
      const recorded = Promise.withResolvers<RequestRecord>();
      const relay = createRelay({
        ...relayDeps,
        clientKeys,
        ...(keyId !== undefined && { onlyKeyId: keyId }),
        record: (request) => {
          relayDeps.record(request);
          // Whoever has seen its end may look for it in the log at once.
          void flush().finally(() => recorded.resolve(request));
        },
      });
      const request = new Request(new URL(path, "http://playground.invalid"), {
        method: "POST",
        headers: { ...headers, authorization: `Bearer ${secret}`, "content-type": "application/json" },
        body,
        signal,
      });
      return { response: toResponse(await relay(fromRequest(request))), record: recorded.promise };
    },
  };
}
