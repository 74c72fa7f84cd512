import { isRecord, parseJson } from "../../src/core/json.ts";

/** A source of whole numbers from 0 to below `below`, the same for the same seed (mulberry32). */
export function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/**
 * The bytes of an event stream, broken in one to four ways: events dropped, repeated, reordered or cut, members of
 * their JSON removed, retyped, renamed or doubled, bytes changed. The same seed breaks alike.
 */
export function mutatedStream(stream: string, seed: number): Uint8Array<ArrayBuffer> {
  const random = randomOf(seed);
  const events = stream.split(/(?<=\r?\n\r?\n)/);
  const times = 1 + random(4);
  let isBytewise = false;
  for (let time = 0; time < times && events.length > 0; time++) {
    const at = random(events.length);
    const event = events[at] ?? "";
    const way = random(8);
    if (way === 0) events.splice(at, 1);
    else if (way === 1) events.splice(at, 0, event);
    else if (way === 2) events.splice(random(events.length), 0, ...events.splice(at, 1));
    else if (way === 3) events.splice(at, events.length, event.slice(0, random(event.length + 1)));
    else if (way === 4) isBytewise = true;
    else events[at] = withMutatedData(event, random);
  }
  const bytes = new TextEncoder().encode(events.join(""));
  return isBytewise ? withMutatedBytes(bytes, random) : bytes;
}

/** JSON with one member removed, retyped, renamed, doubled or emptied, somewhere in it. */
function mutatedJson(value: unknown, random: (below: number) => number): unknown {
  const copy: unknown = structuredClone(value);
  const holders = holdersOf(copy);
  const holder = holders[random(holders.length || 1)];
  if (holder === undefined) return odd(random);
  if (Array.isArray(holder)) {
    const at = random(holder.length);
    const way = random(3);
    if (way === 0) holder.splice(at, 1);
    else if (way === 1) holder.push(structuredClone(holder[at]));
    else holder[at] = odd(random);
    return copy;
  }
  const names = Object.keys(holder);
  const name = names[random(names.length)] ?? "";
  const way = random(4);
  if (way === 0) delete holder[name];
  else if (way === 1) holder[name] = odd(random);
  else if (way === 2) {
    holder[`${name}_x`] = holder[name];
    delete holder[name];
  } else {
    const other = names[random(names.length)] ?? "";
    holder[name] = structuredClone(holder[other]);
  }
  return copy;
}

function withMutatedData(event: string, random: (below: number) => number): string {
  const found = /^data: ?(.*)$/m.exec(event);
  const json = parseJson(found?.[1] ?? "");
  if (found === null || json === undefined) return event;
  return event.replace(found[0], () => `data: ${JSON.stringify(mutatedJson(json, random))}`);
}

function withMutatedBytes(
  bytes: Uint8Array<ArrayBuffer>,
  random: (below: number) => number,
): Uint8Array<ArrayBuffer> {
  const copy = bytes.slice();
  for (let time = 1 + random(6); time > 0 && copy.length > 0; time--) copy[random(copy.length)] = random(256);
  return copy;
}

function odd(random: (below: number) => number): unknown {
  const values: readonly unknown[] = [
    null,
    "",
    "text",
    0,
    -1,
    1e308,
    1.5,
    true,
    [],
    {},
    [[]],
    [null],
    { type: "text" },
    "{",
    "\u0000\ud800",
    "__proto__",
  ];
  return structuredClone(values[random(values.length)]);
}

function holdersOf(value: unknown): (unknown[] | Record<string, unknown>)[] {
  if (Array.isArray(value)) {
    return [...(value.length > 0 ? [value] : []), ...value.flatMap(holdersOf)];
  }
  if (!isRecord(value)) return [];
  const members = Object.values(value);
  return [...(members.length > 0 ? [value] : []), ...members.flatMap(holdersOf)];
}
