import type { HostName } from '../contract/host.ts';
import { BenchError } from '../core/errors.ts';
import { linesOf } from '../core/text.ts';
import { createGate } from '../engine/forks.ts';
import { createController } from './controller.ts';
import { EXIT } from './exit-code.ts';
import { chooseHosts } from './hosts.ts';
import { interruptSignal } from './interrupt.ts';
import { readInventory } from './inventory-file.ts';
import { onHost } from './on-hosts.ts';
import { remark, write } from './write.ts';

export interface ExecFlags {
  readonly become?: boolean;
  readonly forks?: number;
}

/** `bench exec`: the command on every host at once, its lines behind the host's name when it has ended there. */
export async function execOnHosts(
  path: string,
  pattern: string,
  command: readonly string[],
  flags: ExecFlags,
): Promise<number> {
  const inventory = readInventory(path);
  const hosts = chooseHosts(inventory, pattern);
  const controller = createController(inventory);
  await controller.assertKeys(hosts);
  const signal = interruptSignal();
  const gate = createGate(flags.forks ?? hosts.length);
  const width = Math.max(...hosts.map((host) => host.length));

  const execute = async (host: HostName): Promise<number> => {
    const label = host.padEnd(width);
    await gate.enter();
    try {
      return await onHost(controller, host, { label, signal }, async (session) => {
        const rights = controller.privilegeOf(host);
        const isRoot = flags.become ?? rights.become;
        const privilege = isRoot && rights.login !== 'root' ? rights.sudo('root') : ({ kind: 'login' } as const);
        const step = { kind: 'run', argv: command, accept: 'any' } as const;
        const section = { kind: 'act', steps: [step], after: [], onFailure: 'stop' } as const;
        const [answer] = await session.exchange({ sections: [section] }, { privilege, signal });
        const result = answer?.kind === 'done' ? answer.results[0] : undefined;
        if (!result) throw new BenchError('E_NO_ANSWER', 'the host gave no answer');
        for (const line of linesOf(result.stdout)) write(`${label} | ${line}`);
        for (const line of linesOf(result.stderr)) remark(`${label} ! ${line}`);
        if (result.code !== 0) remark(`${label} ! exit code ${result.code}`);
        return result.code === 0 ? EXIT.done : EXIT.taskFailed;
      });
    } finally {
      gate.leave();
    }
  };

  try {
    return Math.max(...(await Promise.all(hosts.map(execute))));
  } finally {
    await controller.close();
  }
}
