/** Longest marker line; a longer one is output that only looks like a marker. */
const LONGEST_MARKER = 256;
const NEWLINE = 0x0a;

export interface MarkerEvents {
  /** Bytes that a command wrote, in order; the view is valid only during the call. */
  readonly onBytes: (bytes: Buffer) => void;
  /** The words of a marker line. */
  readonly onMarker: (words: readonly string[]) => void;
}

/**
 * Splits a stream into commands' own bytes and marker lines (`\x1e NONCE word word\n`, without the spaces around the
 * nonce). The nonce is drawn per session, so output cannot hold a marker by chance. At most one marker's length of
 * bytes is held back.
 */
export function createMarkerSplitter(nonce: string, { onBytes, onMarker }: MarkerEvents): (chunk: Buffer) => void {
  const start = Buffer.from(`\x1e${nonce} `, 'latin1');
  let held = Buffer.alloc(0);

  return (chunk) => {
    let rest = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    held = Buffer.alloc(0);
    for (;;) {
      const at = rest.indexOf(start);
      if (at < 0) break;
      const end = rest.indexOf(NEWLINE, at + start.length);
      if (end < 0 && rest.length - at <= LONGEST_MARKER) {
        if (at > 0) onBytes(rest.subarray(0, at));
        held = Buffer.from(rest.subarray(at));
        return;
      }
      if (end < 0) {
        onBytes(rest.subarray(0, at + start.length));
        rest = rest.subarray(at + start.length);
        continue;
      }
      if (at > 0) onBytes(rest.subarray(0, at));
      onMarker(
        rest
          .subarray(at + start.length, end)
          .toString('latin1')
          .split(' '),
      );
      rest = rest.subarray(end + 1);
    }
    const partial = partialStart(rest, start);
    if (partial < rest.length) held = Buffer.from(rest.subarray(partial));
    if (partial > 0) onBytes(rest.subarray(0, partial));
  };
}

/** Where the longest tail of `bytes` begins that could still become the start of a marker. */
function partialStart(bytes: Buffer, start: Buffer): number {
  for (let at = Math.max(0, bytes.length - start.length + 1); at < bytes.length; at += 1) {
    if (bytes[at] === start[0] && start.subarray(0, bytes.length - at).equals(bytes.subarray(at))) return at;
  }
  return bytes.length;
}
