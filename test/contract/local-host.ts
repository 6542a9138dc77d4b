import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readFileSync, readlinkSync, renameSync, statSync, writeFileSync } from 'node:fs';
import type { LoadedInput, ResourceModule } from '../../src/contract/module.ts';
import type { Answer, EntryType, PathEntry, Probe } from '../../src/contract/probe.ts';
import type { Change, Step, WriteStep } from '../../src/contract/step.ts';
import { sha256 } from '../../src/core/digest.ts';
import { Secret } from '../../src/core/secret.ts';

/** Answers a probe from this machine itself, as a session would. */
export function answerHere(probe: Probe): Answer {
  switch (probe.kind) {
    case 'path':
      return { kind: 'path', entry: entryAt(probe.path) };
    case 'digest':
      return { kind: 'digest', sha256: isFile(probe.path) ? sha256(readFileSync(probe.path)) : undefined };
    case 'text': {
      const bytes = isFile(probe.path) ? readFileSync(probe.path) : undefined;
      return { kind: 'text', bytes, text: bytes?.toString('utf8') };
    }
    case 'command': {
      const [program = '', ...words] = probe.argv;
      const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8', input: probe.stdin ?? '' });
      return { kind: 'command', code: status ?? 127, stdout, stderr };
    }
  }
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

function entryAt(path: string): PathEntry | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return undefined;
  const type: EntryType = found.isSymbolicLink() ? 'symlink' : found.isDirectory() ? 'directory' : 'file';
  const named = (format: string) => spawnSync('stat', ['-c', format, path], { encoding: 'utf8' }).stdout.trim();
  return {
    type,
    mode: found.mode & 0o7777,
    owner: named('%U'),
    group: named('%G'),
    uid: found.uid,
    gid: found.gid,
    sizeBytes: found.size,
    modifiedS: Math.floor(found.mtimeMs / 1000),
    inode: found.ino,
    ...(type === 'symlink' && { target: readlinkSync(path) }),
  };
}

/** Runs a step on this machine; throws when it ends with another code than 0. */
export function runHere(step: Step): void {
  if (step.kind === 'write') {
    writeHere(step);
    return;
  }
  const [program = '', ...words] = step.argv;
  const input = step.stdin instanceof Secret ? step.stdin.reveal() : (step.stdin ?? '');
  const { status, stderr } = spawnSync(program, words, { encoding: 'utf8', input, cwd: step.directory });
  if (status !== 0) throw new Error(`${step.argv.join(' ')} ended with ${status}: ${stderr}`);
}

function writeHere({ path, content, mode, validate }: WriteStep): void {
  const before = entryAt(path);
  const fresh = `${path}.new`;
  writeFileSync(fresh, content.kind === 'bytes' ? content.bytes : readFileSync(content.path));
  runHere({
    kind: 'run',
    argv: ['chmod', (mode ?? (before?.type === 'file' ? before.mode : 0o644)).toString(8), fresh],
  });
  if (validate) runHere({ kind: 'run', argv: validate.map((word) => word.replace('%s', fresh)) });
  renameSync(fresh, path);
}

export interface Convergence {
  readonly changes: readonly Change[];
  /** The plan on the answers after the steps: empty where the module keeps its promise. */
  readonly after: readonly Change[];
  readonly result: Readonly<Record<string, unknown>>;
}

/** Takes this machine to what the parameters ask for, as the engine would: ask, plan, run, ask and plan again. */
export function convergeHere(module: ResourceModule, given: unknown, inputs: readonly LoadedInput[] = []): Convergence {
  const params = module.params.parse(given);
  const look = () => module.read(module.probe(params, inputs).map(answerHere), params, inputs);
  const changes = module.plan(look(), params, inputs);
  for (const { steps } of changes) for (const step of steps) runHere(step);
  const state = look();
  return { changes, after: module.plan(state, params, inputs), result: module.result(state, params) };
}
