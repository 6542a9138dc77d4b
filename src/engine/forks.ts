/** Lets at most `size` callers work at the same time; the others wait in the order in which they came. */
export interface Gate {
  enter(): Promise<void>;
  leave(): void;
}

export function createGate(size: number): Gate {
  let free = Math.max(1, size);
  const waiting: (() => void)[] = [];
  return {
    enter() {
      if (free > 0) {
        free -= 1;
        return Promise.resolve();
      }
      return new Promise((resolve) => waiting.push(resolve));
    },
    leave() {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    },
  };
}
