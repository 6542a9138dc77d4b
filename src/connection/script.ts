/** Shell text under construction, with the slots that its answers come in. */
export interface Script {
  add(...lines: readonly string[]): void;
  /** The first of `count` new slot numbers. */
  slots(count?: number): number;
  text(): string;
}

export function createScript(): Script {
  const lines: string[] = [];
  let next = 0;
  return {
    add: (...more) => {
      lines.push(...more);
    },
    slots: (count = 1) => {
      next += count;
      return next - count;
    },
    text: () => `${lines.join('\n')}\n`,
  };
}
