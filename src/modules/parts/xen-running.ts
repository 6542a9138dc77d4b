import { askShell } from '../../contract/module.ts';
import { wordsOf } from './word-list.ts';

/**
 * The hypervisor that runs, the kernel, and whether there is a hypervisor to boot. `xl info` answers in dom0 alone, which is
 * also all that a container's view of Xen has; what it tells beside the options changes from moment to moment.
 */
const RUNNING = `printf 'type=%s\\n' "$(cat /sys/hypervisor/type 2>/dev/null)"
printf 'capabilities=%s\\n' "$(cat /proc/xen/capabilities 2>/dev/null)"
printf 'kernel=%s\\n' "$(uname -r)"
for file in /boot/xen*.gz; do [ -f "$file" ] && printf 'hypervisor=%s\\n' "$file"; done
xl info 2>/dev/null | sed -n 's/^xen_commandline *: */options=/p'`;

export const askRunning = askShell(RUNNING);

/** What the host runs: Xen with these options below a kernel that is dom0's, or something else. */
export type Running =
  | { readonly kind: 'dom0'; readonly options: readonly string[]; readonly kernel: string }
  /** It runs under Xen, and `xl` does not answer: a guest of Xen, or a dom0 without its tools. */
  | { readonly kind: 'silent'; readonly isDom0: boolean }
  | { readonly kind: 'linux' };

/** `told` is what `askRunning` answers, by its names. */
export function readRunning(told: ReadonlyMap<string, string>): Running {
  const options = told.get('options');
  if (told.get('type') !== 'xen') return { kind: 'linux' };
  if (options !== undefined) return { kind: 'dom0', options: wordsOf(options), kernel: told.get('kernel') ?? '' };
  return { kind: 'silent', isDom0: told.get('capabilities')?.includes('control_d') ?? false };
}

/** What is to run: Xen with these options, below that kernel where one is named. */
export interface WantedXen {
  readonly options: string;
  readonly kernel?: string | undefined;
}

export function isRunning(running: Running, { options, kernel }: WantedXen): boolean {
  return (
    running.kind === 'dom0' &&
    hasOptions(running.options, wordsOf(options)) &&
    (kernel === undefined || running.kernel === kernel)
  );
}

/** Why what runs is no proof of what is wanted. */
export function refusalOf(
  running: Running,
  { options, kernel }: WantedXen,
): { readonly message: string; readonly hint: string } {
  if (running.kind === 'silent' && running.isDom0)
    return { message: 'this is dom0 and "xl info" does not answer', hint: 'xl info' };
  if (running.kind === 'silent')
    return { message: 'this host is itself a guest of Xen', hint: 'boot Xen on the machine below it' };
  const is =
    running.kind === 'linux'
      ? 'Linux without Xen'
      : `Xen with "${running.options.join(' ')}", kernel ${running.kernel}`;
  const wanted = `Xen with "${options}"${kernel === undefined ? '' : `, kernel ${kernel}`}`;
  return {
    message: `what runs is ${is}, not ${wanted}: an entry that has not proven itself does not become the default`,
    hint: 'run the stage "once" and reboot first',
  };
}

/**
 * Whether all of `wanted` are in force among `options`: GRUB and firmware add some of their own, and of an option that
 * stands twice the last one counts.
 */
export function hasOptions(options: readonly string[], wanted: readonly string[]): boolean {
  const last = (list: readonly string[], name: string) => list.findLast((option) => nameOf(option) === name);
  return wanted.every(
    (option) => options.includes(option) && last(options, nameOf(option)) === last(wanted, nameOf(option)),
  );
}

function nameOf(option: string): string {
  return option.split('=', 1)[0] ?? option;
}
