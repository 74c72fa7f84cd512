/** Runs an action once those that were asked for before are over, and gives what it gives. */
export type InTurn = <T>(act: () => Promise<T>) => Promise<T>;

/**
 * Changes of the admin API one after the other: each reads what is there, writes it to the database and takes it
 * over in memory, and two at once would undo each other's fields.
 */
export function createTurns(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const done = last.then(act);
    // The queue goes on after a failure; the failure itself belongs to whoever asked.
    last = done.catch(() => undefined);
    return done;
  };
}
