import type { TransportFault } from "./transport.ts";

/** How far a call has come. `settled`: its answer was given, or its failure. */
export type Phase = "connect" | "write" | "first_byte" | "head" | "whole_body" | "settled";

/** What it means when the time of a phase runs out. */
export function timeoutOf(phase: Phase): { readonly fault: TransportFault; readonly state: string } {
  switch (phase) {
    case "connect":
      return { fault: "connect_timeout", state: "no connection in time" };
    case "write":
      return { fault: "idle_timeout", state: "upstream does not take the request" };
    case "first_byte":
      return { fault: "first_byte_timeout", state: "no answer in time" };
    case "head":
    case "whole_body":
    case "settled":
      return { fault: "idle_timeout", state: "no bytes for too long" };
  }
}
