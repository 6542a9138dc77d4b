import type { FailureReading } from '../../contract/hypervisor.ts';
import { linesOf } from '../../core/text.ts';

interface KnownCause {
  readonly pattern: RegExp;
  readonly hint: string;
}

/** Causes that have been met, each with what to do. Earlier entries win where a failure shows several. */
const KNOWN: readonly KnownCause[] = [
  {
    pattern: /Migration failed during final handshake/,
    hint: 'the guest runs nowhere: xl destroy NAME--migratedaway at the source, then xl rename NAME--incoming NAME and xl unpause NAME at the destination',
  },
  {
    pattern: /Domain with name "[^"]*--incoming" already exists/,
    hint: 'a copy of an earlier migration is left at the destination: xl destroy it there',
  },
  {
    pattern: /Domain with name "[^"]*" already exists/,
    hint: 'a guest of that name runs at the destination: rename or stop one of the two',
  },
  {
    pattern: /failed to stat: (\S+): No such file/,
    hint: 'log the destination in to the iSCSI target and compare ls /dev/disk/by-path on both hosts',
  },
  {
    pattern: /Could not find bridge device (\S+)/,
    hint: 'make the bridge at the destination: ip link show type bridge',
  },
  {
    pattern: /Failed to populate physmap|can't allocate low memory|not enough memory|freeing memory/i,
    hint: "xl info at the destination: free_memory must be above the guest's memory",
  },
  {
    pattern: /Host key verification failed/,
    hint: "ssh-keyscan the destination into the source's known_hosts (task known_hosts)",
  },
  { pattern: /Permission denied \(/, hint: "put the source's root key into the destination's authorized_keys" },
  { pattern: /Could not resolve hostname/, hint: "name the destination in the source's /etc/hosts" },
  {
    pattern: /No route to host|Connection refused|Connection timed out|Network is unreachable/,
    hint: 'ssh from the source to the destination by hand: is sshd up there, is its port open?',
  },
  { pattern: /command not found|: not found/, hint: 'install the Xen tools at the destination' },
  {
    pattern: /Can't find hypervisor information|cannot init xl context/,
    hint: 'boot the destination into Xen: cat /sys/hypervisor/type',
  },
  {
    pattern: /failed to suspend at sender|didn't acknowledge/,
    hint: 'the guest does not answer the request to suspend; PV guests need a hypervisor with shadow paging',
  },
  { pattern: /invalid domain identifier/, hint: 'xl list at the source: no guest of that name runs there' },
  { pattern: /is mounted in a guest domain/, hint: 'another guest has this disk: give each guest its own LUN' },
];

/** What every failure ends in, or what follows from the line before: never the cause. */
const CONSEQUENCES =
  /Destruction of domain failed|Unable to destroy guest|Non-existant domain|truncated reading|exited with error status|died due to fatal signal|Domain creation failed|libxl_domain_suspend failed|resuming at sender|Trying to resume|Resumed OK|not suspended: \(shutdown|xc_domain_resume failed|cannot \(re-\)build domain|Failure, destroying our copy|granting sender|problems at target|libxl: debug:|libxl: detail:/;

const LOOKS_LIKE_ERROR =
  /error|fail|cannot|can't|could not|invalid|denied|refused|unreachable|not found|undefined|no route|no such|timed out|exists/i;

/** The first line that is a cause and no consequence, with a hint where the cause is a known one. */
export function readMigrationFailure(output: string, exitCode: number | undefined): FailureReading {
  const lines = linesOf(output).map((line) => line.trim());
  const handshake = lines.find((line) => line.includes('Migration failed during final handshake'));
  if (handshake)
    return withHint('migration failed during the final handshake: the state of the guest is undefined', handshake);
  if (exitCode === 143 || exitCode === undefined) return { cause: 'xl migrate was ended by a signal' };
  const causes = lines.filter((line) => LOOKS_LIKE_ERROR.test(line) && !CONSEQUENCES.test(line));
  const known = causes.find((line) => KNOWN.some(({ pattern }) => pattern.test(line)));
  if (causes.length === 0 && lines.some((line) => line.includes('fatal signal Broken pipe'))) {
    return {
      cause: 'the stream to the destination broke off during the transfer',
      hint: 'the guest goes on at the source; journalctl -u sshd at the destination',
    };
  }
  const cause = known ?? causes[0] ?? lines.findLast((line) => LOOKS_LIKE_ERROR.test(line) && !line.includes('debug:'));
  if (cause === undefined) return { cause: `xl migrate ended with exit code ${exitCode} and no message` };
  return withHint(shorten(cause), cause);
}

function withHint(cause: string, line: string): FailureReading {
  const hint = KNOWN.find(({ pattern }) => pattern.test(line))?.hint;
  return hint === undefined ? { cause } : { cause, hint };
}

/** Takes libxl's source position off: `libxl: error: libxl_domain.c:81:libxl__domain_rename: Domain 2:` says nothing to a user. */
function shorten(line: string): string {
  return line.replace(/^.*?(?:libxl|xc): error: /, '').replace(/^\w+\.c:\d+:\w+: (?:Domain \d+:)?/, '');
}
