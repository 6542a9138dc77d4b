const MASK = '********';

/** A value that prints as stars wherever it is shown by accident. `reveal()` is the only way to the text. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return MASK;
  }
}

/** Shortest text that is masked: below it a mask would hide ordinary words and reveal the secret by its holes. */
const SHORTEST_MASKED = 4;

/** Replaces every known secret, also in its base64 and URL-encoded forms, in texts that leave bench. */
export class Masker {
  readonly #texts = new Set<string>();

  add(text: string): void {
    if (text.length < SHORTEST_MASKED) return;
    for (const form of [text, encodeURIComponent(text), btoa(unescapeUtf8(text))]) this.#texts.add(form);
    for (const line of text.split('\n')) if (line.length >= 16) this.#texts.add(line);
  }

  mask(text: string): string {
    let masked = text;
    for (const secret of this.#longestFirst()) masked = masked.replaceAll(secret, MASK);
    return masked;
  }

  /** A deep copy of plain data with every string masked. */
  maskAll<T>(value: T): T {
    return this.#texts.size === 0 ? value : (this.#walk(value) as T);
  }

  #walk(value: unknown): unknown {
    if (typeof value === 'string') return this.mask(value);
    if (Array.isArray(value)) return value.map((item) => this.#walk(item));
    if (value instanceof Secret) return MASK;
    if (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#walk(item)]));
    }
    return value;
  }

  #longestFirst(): string[] {
    return [...this.#texts].sort((a, b) => b.length - a.length);
  }
}

function unescapeUtf8(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text));
}
