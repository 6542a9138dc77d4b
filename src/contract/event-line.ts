import type { RunEvent } from './event.ts';

/** Grows when a reader of the last version could misread a line. */
export const EVENT_VERSION = 1;

/** An event with the moment at which it happened, ISO 8601 by the controller's clock. */
export interface TimedEvent {
  readonly time: string;
  readonly event: RunEvent;
}

/** One line of JSON, with its line end: `version` and `time` stand before the event's own fields. */
export function formatEventLine(event: RunEvent, nowMs: number): string {
  return `${JSON.stringify({ version: EVENT_VERSION, time: new Date(nowMs).toISOString(), ...event })}\n`;
}

/** The event of one line; undefined for a line that was cut off or is of another version. */
export function parseEventLine(line: string): TimedEvent | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
  if (!isLine(parsed) || parsed.version !== EVENT_VERSION) return undefined;
  const { version: _version, time, ...event } = parsed;
  return isEvent(event) ? { time, event } : undefined;
}

function isLine(value: unknown): value is { readonly version: number; readonly time: string } {
  return typeof value === 'object' && value !== null && 'version' in value && 'time' in value && 'type' in value;
}

function isEvent(value: object): value is RunEvent {
  return 'type' in value && typeof value.type === 'string';
}
