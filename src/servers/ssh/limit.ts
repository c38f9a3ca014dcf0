/** Lets a number of holders in at once, the rest in the order they came. */
export interface Limit {
  /** Resolves with the function that gives the place back; rejects when the signal is aborted first. */
  enter(signal?: AbortSignal): Promise<() => void>;
  /** Takes the number that is inside, less one, as the new limit. False when that would leave no place at all. */
  lower(): boolean;
}

export function limitOf(places: number): Limit {
  let limit = places;
  let inside = 0;
  const queue: (() => void)[] = [];
  const admit = () => {
    while (inside < limit && queue.length > 0) queue.shift()?.();
  };
  const place = () => {
    inside += 1;
    let held = true;
    return () => {
      if (held) inside -= 1;
      held = false;
      admit();
    };
  };
  return {
    enter: (signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const enter = () => {
          signal?.removeEventListener('abort', leave);
          resolve(place());
        };
        const leave = () => {
          queue.splice(queue.indexOf(enter), 1);
          reject(signal?.reason);
        };
        signal?.addEventListener('abort', leave, { once: true });
        queue.push(enter);
        admit();
      }),
    lower() {
      if (inside <= 1) return false;
      limit = Math.min(limit, inside - 1);
      return true;
    },
  };
}
