import { linesOf } from '../../core/text.ts';

/** What an entry hands to GRUB: a file of /boot and the options that follow it. */
export interface BootImage {
  readonly file: string;
  readonly options: readonly string[];
}

/** A `menuentry` that stands in grub.cfg. Entries from /boot/loader/entries are not among them. */
export interface GrubEntry {
  readonly title: string;
  readonly id: string;
  /** The submenus around it, the outermost first. */
  readonly within: readonly GrubMenu[];
  readonly hypervisor: BootImage | undefined;
  readonly linux: BootImage | undefined;
}

interface GrubMenu {
  readonly title: string;
  readonly id: string;
  /** Which submenu of the file it is: two may have the same id. */
  readonly place: number;
}

export interface GrubConfig {
  readonly entries: readonly GrubEntry[];
  /** Whether grubenv decides (`GRUB_DEFAULT=saved`), or which entry the file names. */
  readonly defaultEntry: 'saved' | { readonly fixed: string };
  /** Whether entries from /boot/loader/entries come before these. */
  readonly hasBlsEntries: boolean;
}

/** Parts of the command lines that are GRUB's and not the administrator's. */
const NO_OPTION = new Set(['placeholder', `\${xen_rm_opts}`]);
const HEADING = /^(menuentry|submenu)\s+(?:'((?:[^']|'\\'')*)'|"([^"]*)").*\{$/;
const ID = /(?:\$\{?menuentry_id_option\}?|--id)\s+'([^']*)'/;

/** Reads what grub2-mkconfig writes; conditions are not evaluated, since none of them decides which entry is there. */
export function parseGrubConfig(text: string): GrubConfig {
  const entries: GrubEntry[] = [];
  const within: GrubMenu[] = [];
  let open: GrubEntry | undefined;
  let menus = 0;
  for (const line of linesOf(text).map((one) => one.trim())) {
    const [, kind, single, double] = HEADING.exec(line) ?? [];
    const title = single?.replaceAll("'\\''", "'") ?? double ?? '';
    const id = ID.exec(line)?.[1] ?? title;
    if (kind === 'submenu') {
      within.push({ title, id, place: menus });
      menus += 1;
    } else if (kind === 'menuentry') open = { title, id, within: [...within], hypervisor: undefined, linux: undefined };
    else if (line === '}') {
      if (open !== undefined) entries.push(open);
      else within.pop();
      open = undefined;
    } else if (open !== undefined) open = withImage(open, line);
  }
  return { entries, defaultEntry: defaultOf(text), hasBlsEntries: /^blscfg$/m.test(text) };
}

function withImage(entry: GrubEntry, line: string): GrubEntry {
  const [command, ...words] = line.split(/\s+/);
  const [file = '', ...options] = words.filter((word) => word !== '--nounzip');
  const image = { file, options: options.filter((option) => !NO_OPTION.has(option)) };
  if (command === 'multiboot2' || command === 'multiboot') return { ...entry, hypervisor: image };
  // The first module is the kernel, the second its initial RAM disk.
  const isKernel = command === 'linux' || (/^module2?$/.test(command ?? '') && entry.linux === undefined);
  return isKernel ? { ...entry, linux: image } : entry;
}

/** The branch that counts is the one without `next_entry`. */
function defaultOf(text: string): GrubConfig['defaultEntry'] {
  const value = /^else\n\s*set default="(.*)"$/m.exec(text)?.[1];
  if (value === undefined) return { fixed: '0' };
  return value === `\${saved_entry}` ? 'saved' : { fixed: value };
}

/** The kernel's version, from the name of its file. */
export function kernelOf({ linux }: GrubEntry): string | undefined {
  return /\/vmlinuz-(.+)$/.exec(linux?.file ?? '')?.[1];
}

/**
 * The entry that starts Xen with that kernel, or with the newest one (the first of the file). Several names of one
 * hypervisor make several entries that do the same: the first is taken, since that is what GRUB makes of their common id.
 */
export function findXenEntry({ entries }: GrubConfig, kernel?: string): GrubEntry | undefined {
  return entries.find(
    (entry) => entry.hypervisor !== undefined && (kernel === undefined || kernelOf(entry) === kernel),
  );
}

/** What `grub2-reboot` and `grub2-set-default` must be told so that GRUB takes this entry; undefined when nothing would do. */
export function selectorOf(config: GrubConfig, entry: GrubEntry): string | undefined {
  const steps = [...entry.within, entry];
  const byId = steps.map(({ id }) => escapeStep(id)).join('>');
  const byTitle = steps.map(({ title }) => escapeStep(title)).join('>');
  return [byId, byTitle].find((selector) => resolveSelector(config, selector) === entry);
}

/**
 * The entry of this file that GRUB takes for a selector: at each step the first whose id or title it is. Undefined when
 * none is: then GRUB takes the first of its menu, as it does for a position, which counts the BLS entries too.
 */
export function resolveSelector({ entries }: GrubConfig, selector: string): GrubEntry | undefined {
  const steps = selector.split(/(?<!>)>(?!>)/).map((step) => step.replaceAll('>>', '>'));
  let left = entries;
  for (const [depth, step] of steps.entries()) {
    const first = left.map((entry) => nodeAt(entry, depth)).find(({ id, title }) => step === id || step === title);
    if (first === undefined) return undefined;
    if (!('place' in first)) return depth === steps.length - 1 ? first : undefined;
    left = left.filter((entry) => entry.within[depth]?.place === first.place);
  }
  return undefined;
}

/** What stands at that depth of the menu on the way to the entry. */
function nodeAt(entry: GrubEntry, depth: number): GrubMenu | GrubEntry {
  return entry.within[depth] ?? entry;
}

/** A `>` inside a name is doubled, as GRUB reads it. */
function escapeStep(name: string): string {
  return name.replaceAll('>', '>>');
}

/** GRUB's environment block as `grub2-editenv list` prints it. */
export interface GrubEnvironment {
  /** Undefined when it is not set; GRUB then boots the first entry. */
  readonly savedEntry: string | undefined;
  /** What boots once. Empty after it was used, which is the same as not set. */
  readonly nextEntry: string | undefined;
  readonly values: ReadonlyMap<string, string>;
}

export function parseGrubEnvironment(text: string): GrubEnvironment {
  const values = new Map<string, string>();
  for (const line of linesOf(text)) {
    const at = line.indexOf('=');
    if (at > 0) values.set(line.slice(0, at), line.slice(at + 1));
  }
  return {
    savedEntry: values.get('saved_entry') || undefined,
    nextEntry: values.get('next_entry') || undefined,
    values,
  };
}
