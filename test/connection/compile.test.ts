import { describe, expect, it } from 'vitest';
import { compileFrame } from '../../src/connection/compile.ts';
import { decodeSections, type SlotOutput } from '../../src/connection/decode.ts';
import { fingerprintOf, type RawAnswer } from '../../src/connection/fingerprint.ts';
import type { Section } from '../../src/contract/frame.ts';
import { ask, digestOf, type Probe, pathOf, textOf, volatile } from '../../src/contract/probe.ts';
import { bytesOf, run, type Step } from '../../src/contract/step.ts';
import { Secret } from '../../src/core/secret.ts';
import { act } from './talk.ts';

function compile(...sections: readonly Section[]) {
  const contentOf = () => ({ kind: 'inline', bytes: new Uint8Array([104, 105]) }) as const;
  return compileFrame({ sections }, { nonce: 'abc', contentOf });
}
function count(text: string, part: string): number {
  return text.split(part).length - 1;
}
const paths = Array.from({ length: 24 }, (_, index) => `/etc/file${index}`);

describe('a frame as a script', () => {
  it('asks all paths of all sections with one command, and all digests with another', () => {
    const { script } = compile(
      ...paths.map((path) => ({ kind: 'ask', probes: [pathOf(path), digestOf(path)] }) as const),
    );
    expect(count(script, 'bench_stat')).toBe(1);
    expect(count(script, 'bench_sums')).toBe(1);
    expect(count(script, '/etc/file7 ')).toBe(2);
  });

  it('asks what stands behind a step after it', () => {
    const { script } = compile({ kind: 'ask', probes: [pathOf('/a')] }, act([run('touch', '/a')]), {
      kind: 'ask',
      probes: [pathOf('/a')],
    });
    expect(
      script
        .split('\n')
        .filter((line) => /bench_stat|touch/.test(line))
        .map((line) => /touch|stat/.exec(line)?.[0]),
    ).toEqual(['stat', 'touch', 'stat']);
  });

  it('parts a question that is too long for one command', () => {
    const many = Array.from({ length: 2000 }, (_, index) => pathOf(`/a/rather/long/path/to/a/file/number/${index}`));
    const { script } = compile({ kind: 'ask', probes: many });
    const lines = script.split('\n').filter((line) => line.startsWith('set -- '));
    expect(lines.length).toBeGreaterThan(3);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(100_000);
  });

  it('is small', () => {
    const steps = (path: string): Step[] => [{ kind: 'write', path, content: bytesOf('hi') }];
    const { script } = compile(
      ...paths.map((path) =>
        act(steps(path), { guard: { probes: [pathOf(path)], fingerprint: '=' }, after: [pathOf(path)] }),
      ),
    );
    expect(script.length / paths.length).toBeLessThan(1500);
  });

  it('refuses names that no environment and no argument can have', () => {
    expect(() => compile(act([{ ...run('true'), environment: { 'A-B': 'x' } }]))).toThrow(
      '"A-B" is no name for an environment variable',
    );
    expect(() => compile(act([run('echo', 'a\0b')]))).toThrow('holds a NUL character');
  });

  it('holds a secret only where a command reads it', () => {
    const { script } = compile(act([{ ...run('chpasswd'), stdin: new Secret('root:hunter2') }]));
    expect(script).toContain("printf %s root:hunter2 2>/dev/null | ('chpasswd')");
  });
});

describe('the answers to a frame', () => {
  const none: SlotOutput = { code: 0, stdout: new Uint8Array(), stderr: new Uint8Array(), elapsedMs: 0 };

  it('are not there where the frame did not come to them', () => {
    const { sections } = compile({ kind: 'ask', probes: [pathOf('/a'), ask('b')] }, act([run('c')]));
    expect(decodeSections(sections, new Map())).toEqual([{ kind: 'notReached' }, { kind: 'notReached' }]);
    expect(decodeSections(sections, new Map([[0, none]]))).toEqual([{ kind: 'notReached' }, { kind: 'notReached' }]);
  });

  it('say nothing of a path that stat told nonsense of', () => {
    const { sections } = compile({ kind: 'ask', probes: [pathOf('/a'), digestOf('/a')] });
    const stdout = Buffer.from('81a4 0 0 nonsense:/a\nnot a digest  /a\n');
    const slots = new Map([0, 1, 2].map((slot) => [slot, { ...none, stdout }]));
    expect(decodeSections(sections, slots)).toMatchObject([{ answers: [{ entry: undefined }, { sha256: undefined }] }]);
  });

  it('name an owner without an account by its number', () => {
    const { sections } = compile({ kind: 'ask', probes: [pathOf('/a')] });
    const stdout = Buffer.from('81a4 1234 4321 5 1700000000 77 UNKNOWN:UNKNOWN:/a\n');
    expect(decodeSections(sections, new Map([[0, { ...none, stdout }]]))).toMatchObject([
      { answers: [{ entry: { type: 'file', mode: 0o644, owner: '1234', group: '4321', sizeBytes: 5, inode: 77 } }] },
    ]);
  });
});

describe('a fingerprint', () => {
  const command = (stdout: string, code = 0, stderr = ''): RawAnswer => ({
    kind: 'command',
    code,
    stdout: Buffer.from(stdout),
    stderr: Buffer.from(stderr),
  });
  const entry = {
    mode: '41ed',
    uid: '0',
    gid: '0',
    size: '4096',
    modified: '1',
    inode: '2',
    owner: 'root',
    group: 'root',
    target: undefined,
  };
  const path = (changes: Partial<typeof entry> = {}): RawAnswer => ({ kind: 'path', entry: { ...entry, ...changes } });
  const of = (probe: Probe, answer: RawAnswer) => fingerprintOf([probe], [answer]);

  it('differs with a command’s output or code, and not with its error output', () => {
    expect(of(ask('a'), command('x'))).not.toBe(of(ask('a'), command('y')));
    expect(of(ask('a'), command('x'))).not.toBe(of(ask('a'), command('x', 1)));
    expect(of(ask('a'), command('x'))).toBe(of(ask('a'), command('x', 0, 'warning')));
  });

  it('does not see what is volatile', () => {
    expect(of(volatile(ask('a')), command('x'))).toBe(of(volatile(ask('a')), command('y')));
  });

  it('sees the size and time of a file, and not those of a folder', () => {
    expect(of(pathOf('/a'), path())).toBe(of(pathOf('/a'), path({ modified: '9', size: '1' })));
    expect(of(pathOf('/a'), path())).not.toBe(of(pathOf('/a'), path({ owner: 'lab' })));
    expect(of(pathOf('/a'), path({ mode: '81a4' }))).not.toBe(of(pathOf('/a'), path({ mode: '81a4', modified: '9' })));
  });

  it('is the same for the content and the digest of a file', () => {
    const sha256 = 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb';
    expect(of(textOf('/a'), { kind: 'text', bytes: Buffer.from('a') })).toBe(
      of(digestOf('/a'), { kind: 'digest', sha256 }),
    );
  });
});
