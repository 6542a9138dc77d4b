import { BenchError } from '../../core/errors.ts';
import { keyValues } from '../../core/text.ts';

/** What `xl info` tells of a host that bench judges or records. */
export interface XenHostInfo {
  readonly version: string;
  readonly scheduler: string;
  readonly commandLine: string;
  /** `pv`, `hvm`, `hap`, `shadow`, …: what guests can be, and by what means their memory is followed. */
  readonly virtCaps: readonly string[];
  readonly totalMemoryMib: number;
  readonly freeMemoryMib: number;
  readonly cpus: number;
}

/** Text of `xl info`, also with -n. Throws `BenchError` when a line that every Xen writes is missing or no number. */
export function parseHostInfo(text: string): XenHostInfo {
  const fields = keyValues(text, ':');
  const field = (name: string) => {
    const value = fields.get(name);
    if (value === undefined) throw new BenchError('E_TOOL_OUTPUT', `xl info wrote no line "${name}"`);
    return value;
  };
  const count = (name: string) => {
    const value = field(name);
    if (!/^\d+$/.test(value))
      throw new BenchError('E_TOOL_OUTPUT', `xl info: ${name} is no number: ${JSON.stringify(value)}`);
    return Number(value);
  };
  return {
    version: field('xen_version'),
    scheduler: field('xen_scheduler'),
    commandLine: fields.get('xen_commandline') ?? '',
    virtCaps: field('virt_caps')
      .split(/\s+/)
      .filter((word) => word !== ''),
    totalMemoryMib: count('total_memory'),
    freeMemoryMib: count('free_memory'),
    cpus: count('nr_cpus'),
  };
}
