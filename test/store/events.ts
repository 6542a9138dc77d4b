import type { RunEvent, TaskIdentity } from '../../src/contract/event.ts';
import { toHostName } from '../../src/contract/host.ts';
import type { Outcome } from '../../src/contract/outcome.ts';
import type { RunStart } from '../../src/store/run-store.ts';

export const failed: Outcome = { status: 'failed', failure: { code: 'E_TEST', message: 'no' }, isIgnored: false };
export const ok: Outcome = { status: 'ok' };
export const changed: Outcome = { status: 'changed', changes: [] };
export const skipped: Outcome = { status: 'skipped', reason: 'when' };

export function task(name: string, line: number, role: TaskIdentity['role'] = 'task'): TaskIdentity {
  return { id: line, name, module: 'command', at: { file: 'site.yml', line, column: 5 }, role };
}

export function finished(host: string, identity: TaskIdentity, outcome: Outcome): RunEvent {
  return {
    type: 'taskFinished',
    task: identity,
    host: toHostName(host),
    outcome,
    notes: [],
    elapsedMs: 5,
  };
}

export function started(overrides: Partial<RunStart> = {}): RunStart {
  return {
    command: ['bench', 'run', 'site.yml'],
    by: 'operator@controller',
    directory: '/lab',
    mode: 'apply',
    inventory: { file: 'lab.ini', digests: { 'lab.ini': 'aa' } },
    playbook: { file: 'site.yml', digests: { 'site.yml': 'bb' } },
    versions: { bench: '0.1.0' },
    ...overrides,
  };
}
