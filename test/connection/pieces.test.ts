import { execFileSync } from 'node:child_process';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collectAll, collectEnds } from '../../src/connection/collected.ts';
import { createDemuxer } from '../../src/connection/demux.ts';
import { createMarkerSplitter } from '../../src/connection/markers.ts';
import { plainPath, quote, quoteAll } from '../../src/connection/quote.ts';
import { SHELLS } from './local-shell.ts';

const SEEDED = { seed: 20261124, numRuns: 300 };
const NONCE = '0123456789abcdef';

/** The same bytes in pieces of the given lengths. */
function inPieces(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const length of [...lengths, bytes.length]) {
    if (at >= bytes.length) break;
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}
const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 });

describe('markers in a stream', () => {
  const part = fc.oneof(
    fc.uint8Array({ maxLength: 30 }).map((bytes) => ({ kind: 'bytes', bytes: Buffer.from(bytes) }) as const),
    fc.constantFrom('E 1 0', 'F 137', 'B 12').map((words) => ({ kind: 'marker', words }) as const),
    fc
      .constantFrom('\x1e', `\x1e${NONCE.slice(0, 9)}`, `\x1e${NONCE.slice(0, -1)}`, `\x1e\x1e${NONCE}x`)
      .map((text) => ({ kind: 'bytes', bytes: Buffer.from(text, 'latin1') }) as const),
  );

  it('are found, and every other byte is kept, wherever the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), lengths, (parts, cuts) => {
        const end = { kind: 'marker', words: 'F 0' } as const;
        const stream = [...parts, end].map((one) =>
          one.kind === 'bytes' ? one.bytes : Buffer.from(`\x1e${NONCE} ${one.words}\n`, 'latin1'),
        );
        const seen: string[] = [];
        const flush = (text: string) => {
          if (seen.at(-1)?.startsWith('=') && text.startsWith('=')) seen[seen.length - 1] += text.slice(1);
          else seen.push(text);
        };
        const split = createMarkerSplitter(NONCE, {
          onBytes: (bytes) => flush(`=${bytes.toString('latin1')}`),
          onMarker: (words) => flush(`M${words.join(' ')}`),
        });
        for (const piece of inPieces(Buffer.concat(stream), cuts)) split(piece);
        const expected: string[] = [];
        for (const one of [...parts, end]) {
          const text = one.kind === 'marker' ? `M${one.words}` : `=${one.bytes.toString('latin1')}`;
          if (text === '=') continue;
          if (expected.at(-1)?.startsWith('=') && text.startsWith('=')) expected[expected.length - 1] += text.slice(1);
          else expected.push(text);
        }
        expect(seen).toEqual(expected);
      }),
      SEEDED,
    );
  });

  it('do not hold back output for ever that only begins like one', () => {
    const seen: Buffer[] = [];
    const split = createMarkerSplitter(NONCE, {
      onBytes: (bytes) => seen.push(Buffer.from(bytes)),
      onMarker: () => {},
    });
    const text = Buffer.from(`\x1e${NONCE} ${'x'.repeat(400)}`, 'latin1');
    split(text);
    expect(Buffer.concat(seen).equals(text)).toBe(true);
  });
});

describe('collected output', () => {
  it('is whole while it is short, and its two ends when it is long', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), lengths, (bytes, cuts) => {
        const collector = collectEnds(50);
        for (const piece of inPieces(Buffer.from(bytes), cuts)) collector.add(piece);
        const whole = Buffer.from(bytes);
        const note = Buffer.from(`\n[bench: ${whole.length - 100} bytes left out here]\n`);
        const ends = Buffer.concat([whole.subarray(0, 50), note, whole.subarray(-50)]);
        expect(Buffer.from(collector.bytes()).equals(whole.length <= 100 ? whole : ends)).toBe(true);
      }),
      SEEDED,
    );
  });

  it('says once that it grew too large', () => {
    let count = 0;
    const collector = collectAll(10, () => {
      count += 1;
    });
    for (let index = 0; index < 5; index += 1) collector.add(new Uint8Array(4));
    expect(count).toBe(1);
    expect(collector.bytes()).toHaveLength(0);
  });
});

describe('the stream of a container', () => {
  it('is split into its two sides wherever it is cut', () => {
    const message = fc.record({ side: fc.constantFrom(1, 2), body: fc.uint8Array({ maxLength: 30 }) });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 10 }), lengths, (messages, cuts) => {
        const stream = messages.map(({ side, body }) => {
          const header = Buffer.from([side, 0, 0, 0, 0, 0, 0, body.length]);
          return Buffer.concat([header, body]);
        });
        const sides = { stdout: new PassThrough(), stderr: new PassThrough() };
        const demux = createDemuxer(sides);
        for (const piece of inPieces(Buffer.concat(stream), cuts)) demux(piece);
        const wanted = (side: number) =>
          Buffer.concat(messages.filter((one) => one.side === side).map(({ body }) => body));
        expect([sides.stdout.read() ?? Buffer.alloc(0), sides.stderr.read() ?? Buffer.alloc(0)]).toEqual([
          wanted(1),
          wanted(2),
        ]);
      }),
      SEEDED,
    );
  });
});

describe('quoted words', () => {
  const word = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !text.includes('\0'));

  it.each(SHELLS)('stand for exactly their text in %s', (shell) => {
    const texts = fc.sample(word, { numRuns: 300, seed: 7 });
    const [command, ...rest] = shell === 'busybox' ? ['/usr/bin/busybox', 'sh'] : [shell];
    const script = `printf '%s\\0' ${texts.map(quote).join(' ')}`;
    const output = execFileSync(command ?? 'sh', [...rest, '-c', script]);
    expect(output.toString('utf8').split('\0').slice(0, -1)).toEqual(texts);
  });

  it('never make the command itself a keyword, an assignment or an option', () => {
    expect(quoteAll(['if', '-x', 'A=b'])).toBe(`'if' -x A=b`);
    expect(quoteAll(['A=b'])).toBe(`'A=b'`);
    expect(plainPath('-rf')).toBe('./-rf');
    expect(() => quote('a\0b')).toThrow('holds a NUL character, which no command takes');
  });
});
