import { createJsonLines } from './json-lines.ts';
import { createLines } from './lines.ts';
import type { EventConsumer } from './options.ts';
import { createView, type ViewOptions } from './view.ts';

export interface TerminalOptions extends ViewOptions {
  /** Whether `write` ends on a terminal whose cursor can be moved. */
  readonly isTerminal: boolean;
  /** Milliseconds since 1970. */
  readonly epochMs: () => number;
}

/** The consumer that shows a run; the view becomes plain lines where there is no terminal. */
export function createOutput(kind: 'view' | 'lines' | 'json', options: TerminalOptions): EventConsumer {
  switch (kind) {
    case 'json':
      return createJsonLines({ write: options.write, now: options.epochMs });
    case 'lines':
      return createLines(options);
    case 'view':
      return options.isTerminal ? createView(options) : createLines(options);
  }
}
