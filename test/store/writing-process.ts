import { setImmediate as turn } from 'node:timers/promises';
import { Masker } from '../../src/core/secret.ts';
import { createDirectoryStore } from '../../src/store/directory-store.ts';
import { finished, ok, started, task } from './events.ts';

/** Notes events without end and says each one's number when the call has returned. */
const [, , root = ''] = process.argv;
const store = createDirectoryStore({ root, masker: new Masker(), now: Date.now });
const run = store.create(started());
for (let number = 1; ; number += 1) {
  run.event(finished('xen1', task(`task ${number}`, number), ok));
  process.stdout.write(`${number}\n`);
  // What did not fit into the pipe at once is written by the event loop only.
  if (number % 20 === 0) await turn();
}
