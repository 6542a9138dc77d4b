import { createSocket, type Socket } from 'node:dgram';
import { chmodSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { entryOf, readCaptured } from './captured.ts';
import type { PlayedHost, Ran } from './payload.ts';
import { endXenHost, normal, playXenHost, setKnobs, writeGuest } from './xen-host.ts';

const captured = readCaptured('xen-migrate.txt');
const knobs = { memory_total_mib: '1024', bandwidth_mib_per_s: '800', pause_ms: '40' };

interface Truth {
  readonly [stamp: string]: unknown;
  readonly rounds?: readonly { readonly pages: number; readonly seconds: number }[];
}

let shared: string;
let source: PlayedHost;
let target: PlayedHost;
let observer: Socket;
let heard: {
  name: string;
  boot: string;
  seq: number;
  clockMs: number;
  records: number;
  errors: number;
  atMs: number;
}[];

/** Writes a transport for `xl migrate -s` that runs the target's xl instead of a remote one; filter sits in the way there. */
function transport(name: string, filter = ''): string {
  const file = join(shared, name);
  const words = '"$@"';
  writeFileSync(
    file,
    `#!/bin/sh\nshift 2\nexport MOCK_ROOT=${target.root}\n${filter || 'exec'} ${target.root}/usr/sbin/xl ${words}\n`,
  );
  chmodSync(file, 0o755);
  return file;
}

function guest(played: PlayedHost, name: string, words = ''): string {
  const { port } = observer.address();
  const bench = `bench.name=${name} bench.observer=127.0.0.1:${port} bench.heartbeat_ms=2 ${words}`;
  return writeGuest(
    played,
    `${name}.cfg`,
    [
      [/"g1"/, `"${name}"`],
      [/extra = "/, `extra = "${bench} `],
    ],
    join(shared, 'lun'),
  );
}

const migrate = (options = '', words = '') => source.run(`xl ${words} migrate ${options} g1 elsewhere`);
const states = async (played: PlayedHost) =>
  (await played.run(`xl list | awk 'NR > 2 { print $1, $5 }'`)).stdout.replaceAll('r-----', '-b----');
const truthOf = (played: PlayedHost): Truth[] =>
  readFileSync(join(played.root, 'var/lib/mock-xen/truth.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Both ends share one stderr, so their order varies: the sets of lines are compared. */
function expectCaptured(note: string, ran: Ran): void {
  const entry = entryOf(captured, note);
  const lines = (text: string) => normal(text).split('\n').sort();
  expect({ exit: ran.exit, stdout: ran.stdout }).toEqual({ exit: entry.exit, stdout: entry.stdout });
  expect(lines(ran.stderr)).toEqual(lines(entry.stderr));
}

beforeEach(async () => {
  shared = mkdtempSync(join(tmpdir(), 'bench-lun-'));
  writeFileSync(join(shared, 'lun'), '');
  truncateSync(join(shared, 'lun'), 1 << 22);
  source = playXenHost(knobs);
  target = playXenHost(knobs);
  heard = [];
  observer = createSocket('udp4').on('message', (text) => {
    const [, , name = '', boot = '', seq, clockMs, records, errors] = text.toString().split(' ');
    heard.push({
      name,
      boot,
      seq: Number(seq),
      clockMs: Number(clockMs),
      records: Number(records),
      errors: Number(errors),
      atMs: performance.now(),
    });
  });
  await new Promise<void>((resolve) => observer.bind(0, '127.0.0.1', resolve));
  await source.run(`xl create ${guest(source, 'g1')}`);
});

afterEach(async () => {
  await endXenHost(source);
  await endXenHost(target);
  observer.close();
  rmSync(shared, { recursive: true });
});

test('a good migration says what the real one says and moves the guest', async () => {
  expectCaptured('good, plain', await migrate(`-s ${transport('through')}`));
  expect([await states(source), await states(target)]).toEqual(['', 'g1 -b----']);
});

test('the guest goes on as the same guest, with its disk, and tells so by its heartbeat', async () => {
  await expect.poll(() => heard.at(-1)?.records ?? 0).toBeGreaterThan(2);
  await migrate(`-s ${transport('through')}`);
  const moved = heard.at(-1)?.records ?? 0;
  await expect.poll(() => heard.at(-1)?.records ?? 0).toBeGreaterThan(moved + 1);
  expect(new Set(heard.map(({ boot }) => boot)).size).toBe(1);
  expect(heard.filter(({ errors }) => errors > 0)).toEqual([]);
  const seqs = heard.map(({ seq }) => seq);
  expect(seqs.every((seq, index) => index === 0 || seq > (seqs[index - 1] ?? seq))).toBe(true);
  expect(new Set(seqs).size).toBe(seqs.length);
});

test("the guest's clock stands while it is suspended, and goes on from there", async () => {
  setKnobs(source, { ...knobs, pause_ms: '1000' });
  await expect.poll(() => heard.length).toBeGreaterThan(5);
  await migrate(`-s ${transport('through')}`);
  const moved = heard.length;
  await expect.poll(() => heard.length).toBeGreaterThan(moved + 5);
  const [first, last] = [heard[0], heard.at(-1)];
  const ranMs = (last?.clockMs ?? 0) - (first?.clockMs ?? 0);
  // Half a second is for a test that hears its first heartbeat late.
  expect(ranMs).toBeLessThan((last?.atMs ?? 0) - (first?.atMs ?? 0) - 500);
  expect(heard.every(({ clockMs }, index) => clockMs >= (heard[index - 1]?.clockMs ?? 0))).toBe(true);
});

test('a disk that is not the one written before shows as an error', async () => {
  await expect.poll(() => heard.at(-1)?.records ?? 0).toBeGreaterThan(1);
  const swap = `mv ${shared}/lun ${shared}/old; head -c 4194304 /dev/zero > ${shared}/lun; exec`;
  await migrate(`-s ${transport('swapping', swap)}`);
  await expect.poll(() => heard.at(-1)?.errors ?? 0).toBeGreaterThan(0);
});

test('the truth has the stated pause between suspension and unpause', async () => {
  await migrate(`-s ${transport('through')}`);
  const [sent] = truthOf(source);
  const [arrived] = truthOf(target);
  expect(sent).toMatchObject({ role: 'source', guest: 'g1', outcome: 'ok', pause_ms: 40 });
  const pauseMs = (Number(arrived?.['unpaused']) - Number(sent?.['suspended'])) * 1000;
  expect(pauseMs).toBeGreaterThanOrEqual(39.9);
  expect(pauseMs).toBeLessThan(140);
  for (const [stamps, act] of [
    [sent, 'suspended'],
    [sent, 'link_down'],
    [arrived, 'link_up'],
    [arrived, 'unpaused'],
    [sent, 'finished'],
  ] as const) {
    expect(Number(stamps?.[`${act}_done`])).toBeGreaterThanOrEqual(Number(stamps?.[act]));
  }
  expect(Number(sent?.['link_down'])).toBeGreaterThanOrEqual(Number(sent?.['suspended']));
  expect(Number(arrived?.['link_up'])).toBeLessThanOrEqual(Number(arrived?.['unpaused']));
  expect(Number(sent?.['started'])).toBeLessThan(Number(sent?.['suspended']));
  expect(Number(sent?.['finished'])).toBeGreaterThan(Number(arrived?.['unpaused']));
});

test('with -vvv the suspension lies between its two lines', async () => {
  const said = (await migrate(`-s ${transport('through')}`, '-vvv')).stderr;
  const order = [
    'issuing PVH/HVM suspend request',
    'guest acknowledged suspend request',
    'wait for the guest to suspend',
    'guest has suspended',
    'Target has acknowledged transfer',
    'Giving target permission to start',
    'Domain started successsfully',
  ];
  const places = order.map((text) => said.indexOf(text));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(places[0]).toBeGreaterThan(0);
});

test('rounds shrink by the dirty rate over the bandwidth, and a libxc reader of the stream sees their pages', async () => {
  await source.run('xl destroy g1');
  const busy = 'bench.dirty_mib=32 bench.dirty_mib_per_s=200';
  await source.run(`xl create ${guest(source, 'g1', busy)}`);
  await migrate(`-s ${transport('teeing', `tee ${shared}/stream |`)}`);
  const rounds = truthOf(source)[0]?.rounds ?? [];
  expect(rounds[0]?.pages).toBe(128 * 256);
  expect(rounds.length).toBeGreaterThan(3);
  for (const [index, { pages }] of rounds.slice(1).entries()) {
    const most = Math.min(32, (rounds[index]?.seconds ?? 0) * 200) * 256 + 10;
    expect(Math.abs(pages - most), `round ${index + 1}`).toBeLessThanOrEqual(2);
  }
  expect(pagesOfRounds(readFileSync(join(shared, 'stream')))).toEqual(rounds.map(({ pages }) => pages));
});

/** Reads libxc's page records; a first page number that is not above the last one starts a new round. */
function pagesOfRounds(stream: Buffer): number[] {
  const rounds: number[] = [];
  let at = stream.indexOf(Buffer.from('ffffffffffffffff58454e46', 'hex')) + 40;
  let last = -1;
  for (;;) {
    const [kind, length] = [stream.readUInt32LE(at), stream.readUInt32LE(at + 4)];
    if (kind === 0) return rounds;
    if (kind === 1) {
      const count = stream.readUInt32LE(at + 8);
      const number = (index: number) => Number(stream.readBigUInt64LE(at + 16 + 8 * index) & 0xfffffffffffffn);
      if (number(0) <= last) rounds.push(0);
      rounds[Math.max(0, rounds.length - 1)] = (rounds.at(-1) ?? 0) + count;
      last = number(count - 1);
    }
    at += 8 + Math.ceil(length / 8) * 8;
  }
}

test('while its pages arrive the guest is there as --incoming with growing memory', async () => {
  setKnobs(source, { ...knobs, bandwidth_mib_per_s: '150' });
  const running = migrate(`-s ${transport('through')}`);
  const memory = async () => Number((await target.run(`xl list g1--incoming | awk 'NR == 2 { print $3 }'`)).stdout);
  await expect.poll(memory, { interval: 20 }).toBeGreaterThan(20);
  expect(await states(target)).toBe('g1--incoming --p---');
  expect(await states(source)).toBe('g1 -b----');
  expect((await running).exit).toBe(0);
});

test.each([
  ['unknown domain', 'xl migrate nosuch elsewhere', 'unknown domain'],
  ['a transport that is not there', 'xl migrate -s /root/nosuchssh g1 elsewhere', 'the transport is not there'],
])('%s: the refusal of the real one', async (_what, command, note) => {
  expectCaptured(note, await source.run(command));
  expect(await states(source)).toBe('g1 -b----');
});

test('a destination without Xen refuses before the transfer', async () => {
  rmSync(join(target.root, 'run/mock/xen-booted'));
  const ran = await migrate(`-s ${transport('through')}`);
  expect(ran.exit).toBe(1);
  expect(normal(ran.stderr)).toContain(
    'cannot init xl context\nlibxl: error: libxl_utils.c:505:libxl_read_exactly: file/stream truncated reading banner from migration receiver stream',
  );
  expect(ran.stderr).toMatch(/migration transport process \[\d+\] exited with error status 1$/);
});

test('a name in use there shows only after the transfer, and the guest resumes here', async () => {
  await target.run(`xl create ${writeGuest(target, 'other.cfg', [[/^disk = .*\n/m, '']])}`);
  expectCaptured('the name exists at the destination', await migrate(`-s ${transport('through')}`));
  expect([await states(source), await states(target)]).toEqual(['g1 -b----', 'g1 -b----']);
  const seq = heard.at(-1)?.seq ?? 0;
  await expect.poll(() => heard.at(-1)?.seq ?? 0).toBeGreaterThan(seq + 5);
});

test('too little memory there shows when it is full, and the guest never stopped', async () => {
  setKnobs(target, { ...knobs, memory_total_mib: '600' });
  expectCaptured('the destination has not enough memory', await migrate(`-s ${transport('through')}`));
  expect([await states(source), await states(target)]).toEqual(['g1 -b----', '']);
  expect(truthOf(source)).toMatchObject([{ outcome: 'failed', suspended: null }]);
});

test('a missing disk there shows at once', async () => {
  const hide = `rm ${shared}/lun; exec`;
  const ran = await migrate(`-s ${transport('hiding', hide)}`);
  const disk = /failed to stat: \S+:/g;
  const entry = entryOf(captured, 'the disk is missing at the destination (iSCSI not logged in)');
  const lines = (text: string) => normal(text.replaceAll(disk, 'failed to stat: DISK:')).split('\n').sort();
  expect([ran.exit, lines(ran.stderr)]).toEqual([1, lines(entry.stderr)]);
  expect(await states(target)).toBe('');
});

test('a missing bridge there shows only after the restore, and the guest resumes here', async () => {
  rmSync(join(target.root, 'sys/class/net/br0'), { recursive: true });
  const ran = await migrate(`-s ${transport('through')}`);
  expectCaptured('the bridge is missing at the destination', { ...ran, stderr: ran.stderr.replaceAll('br0', 'xbr9') });
  expect([await states(source), await states(target)]).toEqual(['g1 -b----', '']);
});

test('a permission lost at the handover leaves both copies, and recovery works as by hand on the real one', async () => {
  setKnobs(source, { ...knobs, fault: 'handover' });
  const ran = await migrate(`-s ${transport('through')}`);
  // The captured transport ended with its own status 3; here it is ended by the signal that the fault is made of.
  const stderr = ran.stderr.replace('died due to fatal signal Terminated', 'exited with error status 3');
  expectCaptured('the transport dies at the handover (the permission to start is lost)', { ...ran, stderr });
  expect([await states(source), await states(target)]).toEqual(['g1--migratedaway ---ss-', 'g1--incoming --p---']);
  const refused = await source.run('xl unpause g1--migratedaway');
  expect(refused.exit).toBe(0);
  expect(refused.stderr).toContain('Unpausing domain: Invalid argument');

  const seq = heard.at(-1)?.seq ?? 0;
  await source.run('xl destroy g1--migratedaway');
  await target.run('xl rename g1--incoming g1 && xl unpause g1');
  expect([await states(source), await states(target)]).toEqual(['', 'g1 -b----']);
  await expect.poll(() => heard.at(-1)?.seq ?? 0).toBeGreaterThan(seq + 5);
  expect(new Set(heard.map(({ boot }) => boot)).size).toBe(1);
});

test('a left-over --incoming stops the next try, and that wakes the suspended guest here', async () => {
  setKnobs(source, { ...knobs, fault: 'handover' });
  await migrate(`-s ${transport('through')}`);
  setKnobs(source, knobs);
  await source.run('xl rename g1--migratedaway g1');
  const ran = await migrate(`-s ${transport('through')}`);
  const note =
    'a left-over --incoming at the destination stops the next migration (and wakes the guest that was left suspended here)';
  const entry = entryOf(captured, note);
  const lines = (text: string) =>
    normal(text)
      .split('\n')
      .filter((line) => !line.startsWith('[...]'))
      .sort();
  expect([ran.exit, lines(ran.stderr)]).toEqual([1, lines(entry.stderr)]);
  expect([await states(source), await states(target)]).toEqual(['g1 -b----', 'g1--incoming --p---']);
});

test('SIGTERM ends xl with 143, the guest goes on and the copy goes away', async () => {
  setKnobs(source, { ...knobs, bandwidth_mib_per_s: '50' });
  const running = source.run(`xl migrate -s ${transport('through')} g1 elsewhere & echo $! > ${shared}/pid; wait $!`);
  await expect.poll(() => states(target), { interval: 20 }).toBe('g1--incoming --p---');
  process.kill(Number(readFileSync(join(shared, 'pid'), 'utf8')), 'SIGTERM');
  expect((await running).exit).toBe(143);
  await expect.poll(() => states(target)).toBe('');
  expect(await states(source)).toBe('g1 -b----');
});

test('faults of a guest: dead says success and is silent, double runs on both hosts', async () => {
  setKnobs(source, { ...knobs, fault: 'guest-dead' });
  const dead = await migrate(`-s ${transport('through')}`);
  expect([dead.exit, await states(target)]).toEqual([0, 'g1 -b----']);
  expect(truthOf(target)).toMatchObject([{ link_up: null }]);
  await target.run('xl destroy g1');

  setKnobs(source, { ...knobs, fault: 'double' });
  await source.run(`xl create ${guest(source, 'g1')}`);
  const twice = await migrate(`-s ${transport('through')}`);
  expect([twice.exit, await states(source), await states(target)]).toEqual([0, 'g1 -b----', 'g1 -b----']);
});
