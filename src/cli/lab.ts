import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { BenchError } from '../core/errors.ts';
import { suggest } from '../core/text.ts';
import { type LabStatus, labDown, labStatus, labUp } from '../lab/labs.ts';
import { EXIT } from './exit-code.ts';
import { ownDirectory } from './files.ts';
import { interruptSignal } from './interrupt.ts';
import { remark, write } from './write.ts';

const KINDS = ['mock'] as const;

/** `bench lab up|down|status`. */
export async function runLabCommand(verb: 'up' | 'down' | 'status', kind: string, xenHosts: number): Promise<number> {
  const known = KINDS.find((candidate) => candidate === kind);
  if (!known) throw new BenchError('E_UNKNOWN_LAB', `there is no lab "${kind}"`, { hint: suggest(kind, KINDS) });
  const options = {
    kind: known,
    directory: resolve('.bench'),
    repository: ownDirectory,
    report: remark,
    signal: interruptSignal(),
  };
  switch (verb) {
    case 'up':
      write(renderStatus(await labUp({ ...options, xenHosts })));
      return EXIT.done;
    case 'down':
      await labDown(options);
      return EXIT.done;
    case 'status': {
      const status = await labStatus(options);
      write(renderStatus(status));
      return EXIT.done;
    }
  }
}

function renderStatus({ kind, hosts, inventory }: LabStatus): string {
  if (hosts.length === 0) return `the ${kind} lab is not there; make it: bench lab up ${kind}`;
  const lines = hosts.map(
    ({ name, state, sshPort }) => `${name.padEnd(8)} ${state.padEnd(8)} ssh 127.0.0.1:${sshPort}`,
  );
  const made = existsSync(inventory) ? `inventory: ${inventory}` : 'its inventory is in the folder where it was made';
  return [...lines, made].join('\n');
}
