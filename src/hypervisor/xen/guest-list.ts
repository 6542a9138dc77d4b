import type { GuestState } from '../../contract/hypervisor.ts';
import type { CommandAnswer } from '../../contract/probe.ts';
import { BenchError } from '../../core/errors.ts';
import { linesOf, tailOf } from '../../core/text.ts';

const HEADING = /^Name\s+ID\s+Mem\s+VCPUs\s+State\s+Time\(s\)/;
/** Six columns of state, always in this order; the fifth is why a domain has shut down. */
const ROW = /^(.+?)\s+(\d+)\s+(\d+)\s+(\d+)\s+[r-][b-]([p-])([s-])([-rscwS?])([d-])\s+(\d+\.\d)(?:\s|$)/;

/** Every guest that `xl list` shows, Domain-0 left out. Throws `BenchError` when the answer is no list. */
export function readGuestList({ code, stdout, stderr }: CommandAnswer): readonly GuestState[] {
  if (code !== 0) {
    throw new BenchError('E_XL', `xl list ended with exit code ${code}: ${tailOf(stderr, 1) || 'no message'}`, {
      hint: 'cat /sys/hypervisor/type says whether this host runs under Xen',
    });
  }
  return parseGuestList(stdout);
}

/** Text of `xl list`, with or without -v, to guests. Throws `BenchError` on a line that is none of its rows. */
export function parseGuestList(text: string): readonly GuestState[] {
  const [heading = '', ...rows] = linesOf(text);
  if (!HEADING.test(heading)) throw unreadable(heading);
  return rows.map(parseRow).filter((guest) => guest.id !== 0);
}

function parseRow(line: string): GuestState {
  const [, name, id, memory, vcpus, paused, shutdown, reason, dying, time] = ROW.exec(line) ?? [];
  if (name === undefined) throw unreadable(line);
  const leftover = leftoverOf(name);
  return {
    name,
    id: Number(id),
    memoryMib: Number(memory),
    vcpus: Number(vcpus),
    cpuS: Number(time),
    run: dying === 'd' ? 'dying' : shutdown === 's' ? afterShutdown(reason) : paused === 'p' ? 'paused' : 'running',
    ...(leftover && { leftover }),
  };
}

/** libxl's letters of `shutdown_reason`: a dash is an ordinary power-off, w a watchdog, S a soft reset. */
function afterShutdown(reason: string | undefined): GuestState['run'] {
  switch (reason) {
    case 'r':
    case 'S':
      return 'rebooting';
    case 's':
      return 'suspended';
    case 'c':
    case 'w':
      return 'crashed';
    default:
      return 'shutdown';
  }
}

/** Names that `xl migrate` gives for the time of the handover and leaves behind when that is cut. */
export function leftoverOf(name: string): GuestState['leftover'] | undefined {
  const [, of, suffix] = /^(.+)--(migratedaway|incoming)$/.exec(name) ?? [];
  if (of === undefined) return undefined;
  return { of, side: suffix === 'migratedaway' ? 'source' : 'destination' };
}

function unreadable(line: string): BenchError {
  return new BenchError('E_TOOL_OUTPUT', `xl list wrote a line that is no row of its list: ${JSON.stringify(line)}`);
}
