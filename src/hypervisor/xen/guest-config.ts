/** What an xl configuration of a bench guest is made of. Memory is fixed: ballooning would blur what a migration moves. */
export interface GuestConfig {
  readonly name: string;
  readonly uuid: string;
  readonly memoryMib: number;
  readonly vcpus: number;
  /** Per cent of one CPU; 0 is no cap. */
  readonly cap: number;
  readonly mac: string;
  readonly bridge: string;
  readonly disk: string;
  readonly kernel: string;
  readonly ramdisk: string;
  readonly commandLine: readonly string[];
  /** Further keys of xl.cfg(5), written after the others. */
  readonly options: Readonly<Record<string, XlValue>>;
}

export type XlValue = string | number | readonly string[];

/**
 * Text of an xl.cfg(5) for a PVH guest. PV guests cannot be migrated live by a hypervisor without shadow paging, which
 * is how distributions build it since XSA-495.
 */
export function renderGuestConfig(config: GuestConfig): string {
  const pairs: readonly (readonly [string, XlValue])[] = [
    ['name', config.name],
    ['uuid', config.uuid],
    ['type', 'pvh'],
    ['kernel', config.kernel],
    ['ramdisk', config.ramdisk],
    ['cmdline', config.commandLine.join(' ')],
    ['memory', config.memoryMib],
    ['maxmem', config.memoryMib],
    ['vcpus', config.vcpus],
    ...(config.cap > 0 ? [['cap', config.cap] as const] : []),
    ['vif', [`mac=${config.mac},bridge=${config.bridge}`]],
    ['disk', [`phy:${config.disk},xvda,w`]],
    ['on_poweroff', 'destroy'],
    ['on_reboot', 'restart'],
    ['on_crash', 'preserve'],
    ...Object.entries(config.options),
  ];
  return `# Written by bench: a change made here is undone by the next run.\n${pairs.map(renderPair).join('')}`;
}

function renderPair([key, value]: readonly [string, XlValue]): string {
  const text =
    typeof value === 'object'
      ? `[ ${value.map(quoted).join(', ')} ]`
      : typeof value === 'number'
        ? String(value)
        : quoted(value);
  return `${key} = ${text}\n`;
}

/** xl's parser knows no escape for the quote that opened a text: use the other one. */
function quoted(text: string): string {
  return text.includes('"') ? `'${text}'` : `"${text}"`;
}
