import { formatEventLine } from '../contract/event-line.ts';
import type { EventConsumer } from './options.ts';

/** One JSON object an event and a line, with `version` and `time`: the same as in a run's `events.jsonl`. */
export function createJsonLines(options: { write(text: string): void; now(): number }): EventConsumer {
  return {
    event: (event) => options.write(formatEventLine(event, options.now())),
    end: async () => {},
  };
}
