import type { Probe } from '../contract/probe.ts';

/** What a check has foretold of one host so far: its later answers may not be those that they would be. */
export interface Foresight {
  /** Something would have changed, or may have. */
  isAny: boolean;
  /** Questions whose answers would be others. */
  readonly touched: Set<string>;
  /** Paths that would be gone, with everything below them. */
  readonly gone: Set<string>;
}

export function newForesight(): Foresight {
  return { isAny: false, touched: new Set(), gone: new Set() };
}

/** Something that asked these questions would have changed their answers. */
export function foretell(foresight: Foresight, probes: readonly Probe[], fate: 'changed' | 'gone'): void {
  foresight.isAny = true;
  for (const probe of probes) {
    foresight.touched.add(keyOf(probe));
    if (fate === 'gone' && probe.kind === 'path') foresight.gone.add(probe.path);
  }
}

/** Whether the answers to these questions would be others by now. */
export function isDoubtful({ touched, gone }: Foresight, probes: readonly Probe[]): boolean {
  return probes.some((probe) => touched.has(keyOf(probe)) || (probe.kind !== 'command' && isBelow(probe.path, gone)));
}

function isBelow(path: string, folders: ReadonlySet<string>): boolean {
  return [...folders].some((folder) => path.startsWith(`${folder}/`));
}

/** The same for questions that look at the same thing. */
export function keyOf(probe: Probe): string {
  return probe.kind === 'command' ? JSON.stringify([probe.argv, probe.stdin]) : probe.path;
}
