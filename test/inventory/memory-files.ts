import type { DirectoryEntry, InventoryFiles } from '../../src/inventory/files.ts';

/** Files in memory, by their paths; directories are what the paths imply. */
export function memoryFiles(contents: Readonly<Record<string, string | Uint8Array>>): InventoryFiles {
  const fail = (code: string): never => {
    throw Object.assign(new Error(code), { code });
  };
  return {
    readFile(path) {
      const content = contents[path];
      if (content === undefined)
        return fail(Object.keys(contents).some((file) => file.startsWith(`${path}/`)) ? 'EISDIR' : 'ENOENT');
      return typeof content === 'string' ? new TextEncoder().encode(content) : content;
    },
    readDirectory(path) {
      if (contents[path] !== undefined) return fail('ENOTDIR');
      const below = Object.keys(contents).filter((file) => file.startsWith(`${path}/`));
      if (below.length === 0) return fail('ENOENT');
      const entries = new Map<string, DirectoryEntry>();
      for (const file of below) {
        const [name = '', ...rest] = file.slice(path.length + 1).split('/');
        entries.set(name, { name, kind: rest.length > 0 ? 'directory' : 'file' });
      }
      return [...entries.values()].reverse();
    },
  };
}
