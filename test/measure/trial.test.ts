import { describe, expect, test } from 'vitest';
import type { Clock } from '../../src/contract/clock.ts';
import { type Session, type StreamOptions, toHostName } from '../../src/contract/host.ts';
import type { MigrationRequest } from '../../src/contract/migration.ts';
import type { ActionHost } from '../../src/contract/module.ts';
import type { Answer, Probe } from '../../src/contract/probe.ts';
import { xen } from '../../src/hypervisor/xen/driver.ts';
import { createMeasurer } from '../../src/measure/trial.ts';
import { answerOf, captureOf } from '../hypervisor/xen/captured.ts';

const T0 = 1_795_531_742_000;
const HEADING = captureOf('xen-host.txt', 'xl list, no guest').stdout;
const INFO = answerOf(captureOf('xen-host.txt', 'xl info'));
const row = (name: string, state = '-b----') =>
  `${name.padEnd(40)} ${'5'.padStart(5)}   128     1     ${state}      24.8\n`;

const request: MigrationRequest = {
  kind: 'smoke',
  series: 'smoke g1',
  hypervisor: 'xen',
  guest: 'g1',
  guestAddress: '10.0.0.101',
  guestMemoryMib: 128,
  bridge: 'br0',
  disks: ['/dev/lun1'],
  source: 'xen1',
  destination: 'xen2',
  destinationAddress: 'xen2',
  observer: 'stor1',
  heartbeatPort: 7707,
  spacingMs: 2,
  limitMs: 60_000,
  conditions: { vcpus: 1 },
};

/** What the hosts do in one trial: lists that change when the migration ends, and what the two programs write. */
interface Stage {
  readonly source: readonly [before: string, after: string];
  readonly destination: readonly [before: string, after: string];
  readonly toolstack: string;
  readonly baseline: string;
  readonly observed: string;
  readonly onMigrate?: (abort: () => void) => void;
}

function hostsOf(stage: Stage, abort: () => void = () => {}) {
  let isOver = false;
  let now = 0;
  const ran: string[] = [];
  let finishObserver = () => {};
  const clock: Clock = {
    now: () => T0 + now,
    monotonicMs: () => {
      now += 1;
      return now;
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        if (ms > 2000) return;
        now += ms;
        setImmediate(resolve);
      }),
  };
  function answer(host: string, probe: Probe): Answer {
    if (probe.kind === 'path') {
      const entry = {
        type: 'file',
        mode: 0,
        owner: '',
        group: '',
        uid: 0,
        gid: 0,
        sizeBytes: 0,
        modifiedS: 0,
        inode: 0,
      } as const;
      return { kind: 'path', entry };
    }
    if (probe.kind !== 'command') throw new Error('not asked here');
    const [lists, at] = [host === 'xen1' ? stage.source : stage.destination, isOver ? 1 : 0] as const;
    const [command = '', verb = ''] = probe.argv;
    if (command === 'xl' && verb === 'list')
      return { kind: 'command', code: 0, stdout: HEADING + lists[at], stderr: '' };
    if (command === 'xl') return INFO;
    if (command === 'date')
      return {
        kind: 'command',
        code: 0,
        stdout: `${(T0 + now) / 1000 - ((T0 + now) % 1000) / 1000}.${String((T0 + now) % 1000).padStart(3, '0')}000000\n`,
        stderr: '',
      };
    return { kind: 'command', code: 0, stdout: '', stderr: '' };
  }
  async function stream(argv: readonly string[], { onStdout, signal }: StreamOptions) {
    const write = (text: string) => onStdout?.(new Uint8Array(Buffer.from(text, 'latin1')));
    if (argv[0] === 'bash') {
      stage.onMigrate?.(abort);
      write(stage.toolstack);
      isOver = true;
      return { code: 0 };
    }
    return new Promise<{ code: number | undefined }>((resolve) => {
      finishObserver = () => {
        write(stage.observed);
        resolve({ code: 0 });
      };
      signal.addEventListener('abort', () => resolve({ code: undefined }), { once: true });
      setImmediate(() => write(stage.baseline));
    });
  }
  const hostOf = (name: string): ActionHost => {
    const ask = async (probes: readonly Probe[]) => probes.map((probe) => answer(name, probe));
    const session: Session = {
      host: toHostName(name),
      exchange: async (frame) =>
        Promise.all(
          frame.sections.map(async (section) => {
            if (section.kind !== 'ask') throw new Error('only asked');
            return { kind: 'answers', answers: await ask(section.probes), fingerprint: '' } as const;
          }),
        ),
      stream,
      reconnect: async () => {},
      counters: () => ({ roundTrips: 0, sentBytes: 0, receivedBytes: 0 }),
      close: async () => {},
    };
    return {
      name: toHostName(name),
      privilege: { kind: 'login' },
      clock,
      variables: {},
      session: async () => session,
      ask: async (probes) => (await ask(probes)) as never,
      run: async (steps) => {
        for (const step of steps) if (step.kind === 'run') ran.push(step.argv.join(' '));
        finishObserver();
        return [];
      },
      other: hostOf,
      evaluate: () => undefined,
      report: () => {},
      saveFile: async (path) => path,
      measureMigration: () => Promise.reject(new Error('not here')),
    };
  };
  return { hostOf, ran };
}

const stamp = (ms: number) =>
  `${Math.floor((T0 + ms) / 1000)}.${String(Math.round(((T0 + ms) % 1000) * 1000)).padStart(6, '0')}`;

/** The toolstack's lines at their moments, with a mark every 2 ms. */
function marked(lines: readonly (readonly [ms: number, text: string])[], exit: number): string {
  const last = (lines.at(-1)?.[0] ?? 0) + 6;
  let text = `\u001e${stamp(0)} - b 100.00\u001f`;
  const rest = [...lines];
  for (let ms = 2; ms < last; ms += 2) {
    text += `\u001e${stamp(ms)} ${stamp(ms - 1.9)} ${ms === 2 ? 'f' : ms === 4 ? 'r' : '-'}\u001f`;
    while (rest[0] && rest[0][0] < ms + 2) text += `${rest.shift()?.[1]}\n`;
  }
  return `${text}\u001e${stamp(last)} - x ${exit} ${(100 + last / 1000).toFixed(2)}\u001f\u001e${stamp(last)} ${stamp(last)} -\u001f`;
}

const GOOD = marked(
  [
    [20, 'migration target: Ready to receive domain.'],
    [24, 'xc: info: Saving domain 5, type x86 HVM'],
    [400, 'Domain 5:wait for the guest to suspend'],
    [403, 'Domain 5:guest has suspended'],
    [450, 'migration sender: Target has acknowledged transfer.'],
    [451, 'migration sender: Giving target permission to start.'],
    [460, 'migration target: Domain started successsfully.'],
    [461, 'migration sender: Target reports successful startup.'],
    [500, 'Migration successful.'],
  ],
  0,
);

/**
 * Requests every 2 ms and heartbeats every 5 ms from 1000 ms before the trial on, silent between two moments, between which
 * the guest's clock stands.
 */
function observation(from: number, until: number, [silentFrom, silentUntil]: readonly [number, number]): string {
  const us = (ms: number) => Math.round((ms + 1000) * 1000);
  let text = from < 0 ? `begin 77 ${BigInt(T0 - 1000) * 1_000_000n} 00:16:3e:00:00:01 rr eth1\nb 0 boot-a\n` : '';
  let sequence = Math.round((from + 1000) / 5);
  for (let ms = from; ms < until; ms += 1) {
    const isSilent = ms >= silentFrom && ms < silentUntil;
    if (ms % 2 === 0) text += `s ${us(ms)} ${us(ms) + 30}\n${isSilent ? '' : `r ${(ms + 1000) / 2} ${us(ms) + 150}\n`}`;
    if (ms % 5 === 0 && !isSilent) {
      const guestMs = ms + 5000 - (ms < silentFrom ? 0 : silentUntil - silentFrom);
      text += `h ${us(ms) + 100} 0 ${sequence} ${guestMs} ${Math.floor(sequence / 20)} 0\n`;
      sequence += 1;
    }
  }
  return text;
}

const good: Stage = {
  source: [row('g1'), ''],
  destination: ['', row('g1')],
  toolstack: GOOD,
  baseline: observation(-1000, 0, [402, 458]),
  observed: `${observation(0, 1200, [402, 458])}end settled 2200000\n`,
};

function measuring(stage: Stage) {
  const saved = new Map<string, string>();
  const interrupt = new AbortController();
  const { hostOf, ran } = hostsOf(stage, () => interrupt.abort());
  const measure = createMeasurer({
    drivers: { xen },
    newId: () => 't1',
    saveSamples: async (name, content) => void saved.set(name, content),
  });
  return { trial: measure(request, hostOf, interrupt.signal), saved, ran };
}

describe('one measured migration', () => {
  test('gives every figure with its interval, the stages, the proofs, and the raw samples', async () => {
    const { trial, saved, ran } = measuring(good);
    const { figures, verdict, stages, proofs, samples, conditions } = await trial;
    expect(verdict).toEqual({ kind: 'captured' });
    const inside = (name: keyof typeof figures, truth: number, width: number) => {
      const figure = figures[name];
      if (figure.kind !== 'captured') throw new Error(`${name}: ${figure.reason}`);
      expect(figure.ms.low, name).toBeLessThanOrEqual(truth);
      expect(figure.ms.high, name).toBeGreaterThanOrEqual(truth);
      expect(figure.ms.high - figure.ms.low, name).toBeLessThan(width);
    };
    inside('total_ms', 497, 12);
    inside('pause_ms', 56, 20);
    inside('network_ms', 56, 6);
    inside('guest_ms', 56, 12);
    expect(stages).toHaveLength(6);
    expect(proofs.every(({ isHeld }) => isHeld)).toBe(true);
    expect(ran).toEqual(['kill -USR1 77']);
    expect(conditions).toMatchObject({ vcpus: 1, memory_mib: 128, observer_scheduling: 'rr' });
    const lines = (saved.get(samples) ?? '')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map((line) => Object.keys(line)[0])).toEqual(['format', 'source', 'observer', 'clocks']);
  });

  test('moves nothing when the destination cannot take the guest, and says why at once', async () => {
    const { trial, saved } = measuring({ ...good, source: ['', ''], destination: [row('g1'), row('g1')] });
    await expect(trial).rejects.toThrow(
      'g1 cannot be migrated from xen1 to xen2:\n- no guest "g1" is on xen1: it lists none\n- xen2: a guest named "g1" is there already (id 5)',
    );
    expect(saved.size).toBe(0);
  });

  test('moves nothing when the observer does not see the guest', async () => {
    const { trial } = measuring({ ...good, baseline: 'fail nobody answers for 10.0.0.101\n' });
    await expect(trial).rejects.toThrow('stor1 does not see g1 at 10.0.0.101: nobody answers for 10.0.0.101');
  });

  test('that fails tells the cause, and where both halves of the guest are', async () => {
    const { stderr } = captureOf('xen-migrate.txt', 'the permission to start is lost, again');
    const toolstack = marked(
      stderr
        .trim()
        .split('\n')
        .map((text, index) => [20 + index, text] as const),
      1,
    );
    const { trial, ran } = measuring({
      ...good,
      toolstack,
      source: [row('g1'), row('g1--migratedaway', '---ss-')],
      destination: ['', row('g1--incoming', '--p---')],
    });
    const { verdict, figures, findings } = await trial;
    expect(verdict).toMatchObject({ kind: 'migrationFailed', reason: expect.stringContaining('final handshake') });
    expect(verdict).toMatchObject({
      evidence:
        'g1 is on neither host; left over: g1--migratedaway on xen1 (suspended, id 5), g1--incoming on xen2 (paused, id 5)',
    });
    expect(figures.network_ms).toEqual({ kind: 'missing', reason: 'the migration failed' });
    expect(findings.map(({ code }) => code)).toContain('G_LEFTOVER');
    expect(ran).toEqual(['kill -TERM 77']);
  });

  test('after which the guest never answers is lost, and has no figure of the network', async () => {
    const forever = [402, 1e9] as const;
    const { trial } = measuring({ ...good, observed: `${observation(0, 3000, forever)}end absent 4000000\n` });
    const { verdict, figures } = await trial;
    expect(verdict).toEqual({
      kind: 'guestLost',
      evidence: 'no reply for 2.6 s until the observer gave up; g1 runs on xen2 (id 5)',
    });
    expect([figures.network_ms.kind, figures.guest_ms.kind]).toEqual(['missing', 'missing']);
  });

  test('that the user interrupts ends with where the guest is', async () => {
    const { trial } = measuring({
      ...good,
      destination: ['', ''],
      source: [row('g1'), row('g1')],
      onMigrate: (abort) => abort(),
    });
    await expect(trial).rejects.toThrow('migration of g1 interrupted: g1 runs on xen1 (id 5)');
  });
});
