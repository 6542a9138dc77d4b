import type { Masker } from '../core/secret.ts';
import { createJsonLines } from '../output/json-lines.ts';
import { createLines } from '../output/lines.ts';
import type { EventConsumer, OutputOptions } from '../output/options.ts';
import { createView } from '../output/view.ts';
import type { RunStore, RunWriter } from '../store/run-store.ts';
import { systemClock } from './clock.ts';
import type { RunFlags } from './program.ts';
import { colour, commandLine, screenWidth } from './screen.ts';

export interface ConsumerRequest {
  readonly title: string;
  readonly flags: RunFlags;
  readonly writer: RunWriter;
  readonly store: RunStore;
  readonly signal: AbortSignal;
  readonly masker: Masker;
}

type OutputForm = 'view' | 'lines' | 'json';

/** The form that was asked for, else a view on a terminal and plain lines elsewhere. A view needs a terminal that can move its cursor. */
export function formOf({ output = 'view', step }: RunFlags): OutputForm {
  if (output !== 'view') return output;
  const canDraw = process.stdout.isTTY && process.env['TERM'] !== 'dumb';
  return canDraw && step !== true ? 'view' : 'lines';
}

/** What shows a run. */
export function createConsumer({ title, flags, writer, store, signal, masker }: ConsumerRequest): EventConsumer {
  const write = (text: string) => void process.stdout.write(text);
  const options: OutputOptions = {
    write,
    title,
    run: writer.record.id,
    verbosity: flags.verbose ?? 0,
    diff: flags.diff ? 'shown' : 'hidden',
    colour: colour(),
    width: screenWidth(),
    again: masker.mask(commandLine([...process.argv.slice(2).filter((word) => word !== '--resume'), '--resume'])),
    lastChange: lastChangeOf(store, writer),
    report: undefined,
  };
  switch (formOf(flags)) {
    case 'json':
      return createJsonLines({ write, now: systemClock.now });
    case 'lines':
      return createLines(options);
    case 'view':
      return createView({ ...options, nowMs: systemClock.monotonicMs, signal });
  }
}

/** When an earlier run with the same inventory last changed a host. */
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
