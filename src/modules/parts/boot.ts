import { askShell, type CommandAnswer, type CommandProbe, volatile } from '../../contract/probe.ts';
import { BenchError } from '../../core/errors.ts';
import { linesOf } from '../../core/text.ts';

/** What is another one after every boot. */
export interface BootIdentity {
  /** Of the kernel; containers share their host's. */
  readonly bootId: string;
  /** When process 1 began, in clock ticks since the kernel did: another one when a container was started anew. */
  readonly initStart: string;
}

export const bootProbe: CommandProbe = volatile(
  askShell('cat /proc/sys/kernel/random/boot_id 2>/dev/null || echo unknown; cat /proc/1/stat'),
);

export function readBootIdentity(answer: CommandAnswer): BootIdentity {
  const [bootId, stat] = linesOf(answer.stdout);
  // The second field is a name in brackets that may hold blanks: fields are counted behind the last bracket.
  const initStart = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  if (!bootId || !initStart || !/^\d+$/.test(initStart)) {
    throw new BenchError(
      'E_TOOL_OUTPUT',
      `the host did not tell which boot it is in: ${answer.stderr.trim() || answer.stdout.trim()}`,
    );
  }
  return { bootId, initStart };
}

export function isAnotherBoot(before: BootIdentity, now: BootIdentity): boolean {
  return before.bootId !== now.bootId || before.initStart !== now.initStart;
}
