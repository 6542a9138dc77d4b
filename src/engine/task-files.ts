import { posix } from 'node:path';
import { DiagnosticError } from '../core/diagnostic.ts';
import { loadTasks } from '../playbook/load.ts';
import type { Entry, IncludeEntry } from '../playbook/play.ts';
import { renderText } from '../template/render.ts';
import type { EngineOptions } from './options.ts';
import type { Scope } from './scope.ts';

/** Files of tasks whose names are known only when a host comes to them; each is read once, for all hosts. */
export interface TaskFiles {
  /** The entries of an include. Throws `DiagnosticError` for what is wrong with its file. */
  entriesOf(include: IncludeEntry, scope: Scope): readonly Entry[];
}

export function createTaskFiles({ files, modules }: EngineOptions): TaskFiles {
  const known = new Map<IncludeEntry, Map<string, readonly Entry[]>>();

  const load = (include: IncludeEntry, name: string): readonly Entry[] => {
    const path = posix.isAbsolute(name) ? name : posix.join(include.directory, name);
    const readFile = (file: string) => files.readText(file);
    const { entries, diagnostics } = loadTasks(path, { readFile, modules }, include);
    if (entries && diagnostics.length === 0) return entries;
    throw new DiagnosticError(diagnostics.map((diagnostic) => ({ at: include.file.at, ...diagnostic })));
  };
  return {
    entriesOf(include, scope) {
      if (include.entries) return include.entries;
      const name = renderText(include.file.text, include.file.at, scope);
      const ofInclude = known.get(include) ?? new Map<string, readonly Entry[]>();
      known.set(include, ofInclude);
      const loaded = ofInclude.get(name);
      if (loaded) return loaded;
      const entries = load(include, name);
      ofInclude.set(name, entries);
      return entries;
    },
  };
}
