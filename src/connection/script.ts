/** Shell text under construction, with the slots that its answers come in. */
export interface Script {
  add(...lines: readonly string[]): void;
  /** The first of `count` new slot numbers. */
  slots(count?: number): number;
  /** A marker line as it stands in the stream, without its end. */
  mark(words: string): string;
  text(): string;
}

export function createScript(nonce: string): Script {
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
    mark: (words) => `\x1e${nonce} ${words}`,
    text: () => `${lines.join('\n')}\n`,
  };
}
