import { createJsonLines } from '../output/json-lines.ts';
import { createLines } from '../output/lines.ts';
import type { EventConsumer, OutputOptions } from '../output/options.ts';
import { createView } from '../output/view.ts';
import type { RunStore, RunWriter } from '../store/run-store.ts';
import { systemClock } from './clock.ts';
import type { RunFlags } from './program.ts';

interface ConsumerRequest {
  readonly title: string;
  readonly flags: RunFlags;
  readonly writer: RunWriter;
  readonly store: RunStore;
  readonly signal: AbortSignal;
}

const NARROWEST = 60;
const WIDEST = 120;
const DEFAULT_WIDTH = 80;

/** What shows a run: the form that was asked for, else a view on a terminal and plain lines elsewhere. */
export function createConsumer({ title, flags, writer, store, signal }: ConsumerRequest): EventConsumer {
  const form = flags.output ?? (process.stdout.isTTY && flags.step !== true ? 'view' : 'lines');
  const write = (text: string) => void process.stdout.write(text);
  const options: OutputOptions = {
    write,
    title,
    run: writer.record.id,
    verbosity: flags.verbose ?? 0,
    diff: flags.diff ? 'shown' : 'hidden',
    colour: process.stdout.isTTY && !process.env['NO_COLOR'] ? 'on' : 'off',
    width: Math.min(WIDEST, Math.max(NARROWEST, process.stdout.columns ?? DEFAULT_WIDTH)),
    again: ['bench', ...process.argv.slice(2).filter((word) => word !== '--resume'), '--resume'].join(' '),
    lastChange: lastChangeOf(store, writer),
    report: undefined,
  };
  switch (form) {
    case 'json':
      return createJsonLines({ write, now: systemClock.now });
    case 'lines':
      return createLines(options);
    case 'view':
      return createView({ ...options, nowMs: systemClock.monotonicMs, signal });
  }
}

/** When an earlier run of the same playbook and inventory last changed a host. */
function lastChangeOf(store: RunStore, { record }: RunWriter): string | undefined {
  const changed = store
    .list()
    .find(
      ({ record: earlier, result }) =>
        earlier.id !== record.id &&
        earlier.mode === 'apply' &&
        earlier.inventory.file === record.inventory.file &&
        result?.hosts.some(({ tally }) => tally.changed > 0),
    );
  return changed?.record.startedAt.slice(0, 16).replace('T', ' ');
}
