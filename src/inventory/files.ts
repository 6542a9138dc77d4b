/** How an inventory and the files beside it are read. Both throw as `node:fs` does, errors with a `code`. */
export interface InventoryFiles {
  /** Content of a file. May stop one byte behind `mostBytes`: more is not wanted. */
  readFile(path: string, mostBytes: number): Uint8Array;
  /** Entries of a directory; symbolic links are followed. */
  readDirectory(path: string): readonly DirectoryEntry[];
}

export interface DirectoryEntry {
  readonly name: string;
  readonly kind: 'file' | 'directory';
}
