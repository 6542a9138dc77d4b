/** What a task writes before its turn is kept until then. */
export interface HeldOutput {
  write(text: string): void;
  /** Its turn has come: everything goes to `tell`, and from now on at once. */
  open(tell: (text: string) => void): void;
}

export function createHeldOutput(): HeldOutput {
  const held: string[] = [];
  let teller: ((text: string) => void) | undefined;
  return {
    write(text) {
      if (teller) teller(text);
      else held.push(text);
    },
    open(tell) {
      teller = tell;
      for (const text of held.splice(0)) tell(text);
    },
  };
}
