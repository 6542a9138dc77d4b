import type { Writable } from 'node:stream';

const HEADER_BYTES = 8;

/**
 * Splits docker's multiplexed stream (a byte for the stream, three zero bytes, a big-endian length, then that many
 * bytes). The splitter tells whether both sides can take more.
 */
export function createDemuxer(sides: {
  readonly stdout: Writable;
  readonly stderr: Writable;
}): (chunk: Buffer) => boolean {
  let held = Buffer.alloc(0);
  let side = sides.stdout;
  let restBytes = 0;
  return (chunk) => {
    let canTakeMore = true;
    let rest = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    held = Buffer.alloc(0);
    while (rest.length > 0) {
      if (restBytes === 0) {
        if (rest.length < HEADER_BYTES) {
          held = Buffer.from(rest);
          break;
        }
        side = rest[0] === 2 ? sides.stderr : sides.stdout;
        restBytes = rest.readUInt32BE(4);
        rest = rest.subarray(HEADER_BYTES);
        continue;
      }
      const piece = rest.subarray(0, restBytes);
      canTakeMore = side.write(Buffer.from(piece)) && canTakeMore;
      restBytes -= piece.length;
      rest = rest.subarray(piece.length);
    }
    return canTakeMore;
  };
}
