import { Seats } from "../core/seats.ts";

/** One of a crowd. */
export interface Placed {
  /** The crowd's own. */
  seat: number;
  /** Whether nothing would be lost with it. */
  readonly isIdle: boolean;
  close(): void;
}

/** How many are looked at to find one that gives its place up. */
const MAX_LOOKS = 64;

/** Connections, and which of them gives its place up when there is none left. */
export class Crowd<T extends Placed> {
  readonly #seats = new Seats<T>();
  #hand = 0;
  #highest = 0;

  get size(): number {
    return this.#seats.size;
  }

  add(member: T): void {
    member.seat = this.#seats.take(member);
    this.#highest = Math.max(this.#highest, member.seat);
  }

  remove({ seat }: Placed): void {
    this.#seats.leave(seat);
  }

  forEach(visit: (member: T) => void): void {
    this.#seats.forEach(visit);
  }

  /**
   * Closes one that is idle, so that whoever opens connections and says nothing cannot keep others out. Gives
   * whether there was one among the next few: a hand goes round, so that the cost does not grow with the crowd.
   */
  makeRoom(): boolean {
    for (let looks = 0; looks < MAX_LOOKS; looks++) {
      this.#hand = this.#hand >= this.#highest ? 0 : this.#hand + 1;
      const member = this.#seats.at(this.#hand);
      if (member === undefined || !member.isIdle) continue;
      member.close();
      return true;
    }
    return false;
  }
}
