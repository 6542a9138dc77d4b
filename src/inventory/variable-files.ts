import { join } from 'node:path';
import { parseYaml } from '../contract/parse-yaml.ts';
import { toPlain } from '../contract/yaml-node.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { nearest } from '../core/text.ts';
import type { DirectoryEntry, InventoryFiles } from './files.ts';
import type { Variable, Variables } from './inventory.ts';
import { errorCode, readText } from './read-text.ts';
import { checkVariableName } from './variable-name.ts';

/** Where the findings of reading go. */
export interface Reading {
  readonly files: InventoryFiles;
  readonly sources: Map<string, string>;
  readonly diagnostics: Diagnostic[];
  readonly warnings: Diagnostic[];
}

/** In the order in which Ansible looks: the first one that exists is the one that counts. */
const EXTENSIONS = ['', '.yml', '.yaml', '.json'];
const DEEPEST = 8;

/** Reads `group_vars` or `host_vars`: what its files say, by the name of the group or host that they are named after. */
export function readVariableFiles(
  reading: Reading,
  directory: string,
  names: ReadonlySet<string>,
): Map<string, Variables> {
  const entries = listDirectory(reading, directory) ?? [];
  const byName = Map.groupBy(entries, ({ name, kind }) => ownerOf(name, kind, names));
  const result = new Map<string, Variables>();
  for (const [name, found] of byName) {
    if (name === undefined) continue;
    if (!names.has(name)) {
      const [first] = found;
      if (first) unknownOwner(reading, join(directory, first.name), name, names);
      continue;
    }
    const [chosen, ...others] = found.toSorted((a, b) => extensionRank(a.name, name) - extensionRank(b.name, name));
    if (!chosen) continue;
    for (const other of others) {
      reading.warnings.push({
        code: 'W_INVENTORY_SHADOWED_FILE',
        at: { file: join(directory, other.name), line: 1, column: 1 },
        message: `this is not read, because ${join(directory, chosen.name)} stands beside it`,
        hint: `join the two, or move both into ${join(directory, name)}/`,
      });
    }
    result.set(
      name,
      new Map(filesOf(reading, directory, chosen, 0).flatMap((file) => [...readVariables(reading, file)])),
    );
  }
  return result;
}

/** The group or host that an entry speaks of; undefined for what Ansible passes over, too: hidden files and copies. */
function ownerOf(entry: string, kind: DirectoryEntry['kind'], names: ReadonlySet<string>): string | undefined {
  if (isPassedOver(entry)) return undefined;
  if (names.has(entry) || kind === 'directory') return entry;
  const extension = EXTENSIONS.find((ending) => ending !== '' && entry.endsWith(ending));
  if (extension !== undefined) return entry.slice(0, -extension.length);
  return entry.includes('.') ? undefined : entry;
}

function isPassedOver(entry: string): boolean {
  return entry.startsWith('.') || entry.endsWith('~');
}

function extensionRank(entry: string, name: string): number {
  return EXTENSIONS.indexOf(entry.slice(name.length));
}

function unknownOwner(reading: Reading, file: string, name: string, names: ReadonlySet<string>): void {
  const near = nearest(name, names);
  reading.warnings.push({
    code: 'W_INVENTORY_STRAY_FILE',
    at: { file, line: 1, column: 1 },
    message: `the inventory has no "${name}"; nobody gets these variables`,
    ...(near && { hint: `did you mean "${near}"?` }),
  });
}

/** The files of an entry: itself, or everything below it in the order of the names. */
function filesOf(reading: Reading, directory: string, entry: DirectoryEntry, depth: number): string[] {
  const path = join(directory, entry.name);
  if (entry.kind === 'file') return [path];
  if (depth >= DEEPEST) {
    const message = `${path} lies more than ${DEEPEST} directories deep`;
    reading.diagnostics.push({ code: 'E_INVENTORY_FILE', message, hint: 'is a symbolic link pointing upwards?' });
    return [];
  }
  return (listDirectory(reading, path) ?? [])
    .filter(({ name, kind }) => !isPassedOver(name) && (kind === 'directory' || EXTENSIONS.includes(extname(name))))
    .flatMap((child) => filesOf(reading, path, child, depth + 1));
}

function extname(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? '' : name.slice(dot);
}

/** Entries by name; undefined where there is no such directory. */
function listDirectory({ files, diagnostics }: Reading, path: string): DirectoryEntry[] | undefined {
  try {
    return [...files.readDirectory(path)].sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (thrown) {
    const code = errorCode(thrown);
    if (code === 'ENOENT') return undefined;
    const reason = code === 'ENOTDIR' ? 'it is no directory' : code === 'EACCES' ? 'permission denied' : String(thrown);
    diagnostics.push({ code: 'E_INVENTORY_FILE', message: `cannot read ${path}: ${reason}` });
    return undefined;
  }
}

function readVariables(reading: Reading, file: string): Variables {
  const read = readText(reading.files, file);
  if (read.kind === 'fault') {
    reading.diagnostics.push(read.diagnostic);
    return new Map();
  }
  reading.sources.set(file, read.text);
  if (read.text.startsWith('$ANSIBLE_VAULT')) {
    const message = 'this file is encrypted by ansible-vault; bench cannot read it';
    const at = { file, line: 1, column: 1 };
    reading.diagnostics.push({ code: 'E_INVENTORY_VAULT', at, message, hint: `ansible-vault decrypt ${file}` });
    return new Map();
  }
  const { node, diagnostics } = parseYaml(read.text, file);
  reading.diagnostics.push(...diagnostics);
  if (!node || (node.kind === 'scalar' && node.value === null)) return new Map();
  if (node.kind !== 'mapping') {
    const message = `expected a mapping of variables, got a ${node.kind}`;
    reading.diagnostics.push({ code: 'E_INVENTORY_VARIABLES', at: node.at, message, hint: 'write name: value' });
    return new Map();
  }
  const variables = new Map<string, Variable>();
  for (const { key, keyAt, value } of node.entries) {
    if (checkVariableName(reading, key, keyAt)) variables.set(key, { value: toPlain(value), at: keyAt });
  }
  return variables;
}
