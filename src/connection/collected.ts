/** Collects a stream whose end is not known beforehand. */
export interface Collector {
  add(bytes: Uint8Array): void;
  bytes(): Uint8Array;
}

const KEPT_BYTES = 256 * 1024;

/** Keeps everything, up to `limitBytes`; calls `onOverflow` once at the first byte past it and keeps nothing more. */
export function collectAll(limitBytes: number, onOverflow: () => void): Collector {
  const pieces: Uint8Array[] = [];
  let size = 0;
  return {
    add(bytes) {
      if (size > limitBytes) return;
      size += bytes.length;
      if (size > limitBytes) {
        pieces.length = 0;
        onOverflow();
      } else pieces.push(Uint8Array.from(bytes));
    },
    bytes: () => Buffer.concat(pieces),
  };
}

/** Keeps the first and the last `keptBytes` and, between them, a line that says how much was left out. */
export function collectEnds(keptBytes = KEPT_BYTES): Collector {
  const head: Uint8Array[] = [];
  let headSize = 0;
  let ring = Buffer.alloc(0);
  let tailSize = 0;

  function addTail(bytes: Uint8Array): void {
    if (ring.length === 0) ring = Buffer.alloc(keptBytes);
    const skipped = Math.max(0, bytes.length - keptBytes);
    for (let from = skipped; from < bytes.length; ) {
      const at = (tailSize + from) % keptBytes;
      const piece = bytes.subarray(from, from + keptBytes - at);
      ring.set(piece, at);
      from += piece.length;
    }
    tailSize += bytes.length;
  }

  return {
    add(bytes) {
      const first = bytes.subarray(0, keptBytes - headSize);
      if (first.length > 0) {
        head.push(Uint8Array.from(first));
        headSize += first.length;
      }
      if (first.length < bytes.length) addTail(bytes.subarray(first.length));
    },
    bytes() {
      if (tailSize <= keptBytes) return Buffer.concat([...head, ring.subarray(0, tailSize)]);
      const at = tailSize % keptBytes;
      const note = Buffer.from(`\n[bench: ${tailSize - keptBytes} bytes left out here]\n`);
      return Buffer.concat([...head, note, ring.subarray(at), ring.subarray(0, at)]);
    },
  };
}
