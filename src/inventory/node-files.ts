import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DirectoryEntry, InventoryFiles } from './files.ts';

/** The controller's file system. Pipes are read as well: `bench inventory <(…)`. */
export const nodeFiles: InventoryFiles = {
  readFile(path, mostBytes) {
    const file = openSync(path, 'r');
    try {
      if (fstatSync(file).isDirectory()) throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
      const pieces: Uint8Array[] = [];
      let size = 0;
      while (size <= mostBytes) {
        const piece = new Uint8Array(64 * 1024);
        const count = readSync(file, piece);
        if (count === 0) break;
        pieces.push(piece.subarray(0, count));
        size += count;
      }
      return Buffer.concat(pieces);
    } finally {
      closeSync(file);
    }
  },

  readDirectory(path) {
    return readdirSync(path, { withFileTypes: true }).flatMap((entry): DirectoryEntry[] => {
      const found = entry.isSymbolicLink() ? statSync(join(path, entry.name), { throwIfNoEntry: false }) : entry;
      if (!found) return [];
      return [{ name: entry.name, kind: found.isDirectory() ? 'directory' : 'file' }];
    });
  },
};
