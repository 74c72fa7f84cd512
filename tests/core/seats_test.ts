import assert from "node:assert/strict";
import { Seats } from "../../src/core/seats.ts";

Deno.test("Seats.take() gives a seat that was left to the next member", () => {
  const seats = new Seats<string>();
  const first = seats.take("first");
  const second = seats.take("second");

  seats.leave(first);
  seats.leave(first);
  const third = seats.take("third");

  assert.equal(third, first);
  assert.equal(seats.at(second), "second");
  assert.equal(seats.at(third), "third");
  assert.equal(seats.at(-1), undefined);
  assert.equal(seats.size, 2);
});

Deno.test("Seats.forEach() passes over members that leave while it goes", () => {
  const seats = new Seats<string>();
  seats.take("first");
  const second = seats.take("second");
  seats.take("third");
  const visited: string[] = [];

  seats.forEach((member, seat) => {
    visited.push(member);
    if (member === "first") seats.leave(second);
    seats.leave(seat);
  });

  assert.deepEqual(visited, ["first", "third"]);
  assert.equal(seats.size, 0);
});
