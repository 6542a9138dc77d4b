import { expect, test } from 'vitest';
import { parseEventLine } from '../../src/contract/event-line.ts';
import { createJsonLines } from '../../src/output/json-lines.ts';
import { failingRun } from './fake-run.ts';

test('every event is one line with version and time, and reads back as the same event', () => {
  let text = '';
  let now = Date.UTC(2026, 10, 24);
  const consumer = createJsonLines({
    write: (piece) => {
      text += piece;
    },
    now: () => {
      now += 1;
      return now;
    },
  });
  const events = failingRun();
  for (const event of events) consumer.event(event);
  const lines = text.trimEnd().split('\n');
  expect(lines).toHaveLength(events.length);
  expect(lines.map((line) => parseEventLine(line)?.event)).toEqual(events);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    version: 1,
    time: '2026-11-24T00:00:00.001Z',
    type: 'runStarted',
  });
});

test('a line that was cut off, of another version or no event is none', () => {
  expect(parseEventLine('{"version":1,"time":"x","ty')).toBeUndefined();
  expect(parseEventLine('{"version":2,"time":"x","type":"warning"}')).toBeUndefined();
  expect(parseEventLine('{"version":1,"time":"x"}')).toBeUndefined();
  expect(parseEventLine('null')).toBeUndefined();
});
