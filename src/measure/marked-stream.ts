const MARK_BEGIN = 0x1e;
const MARK_END = 0x1f;
/** Longest content of a mark; what is longer is text that happens to hold the control character. */
const LONGEST_MARK = 96;

/** A clock reading that stands in the stream between what was written before it and what was written after it. */
export interface Mark {
  /** How many bytes of text stand before it. */
  readonly at: number;
  /** Taken just before the mark was written. Milliseconds since 1970, the source's clock. */
  readonly stampMs: number;
  /** Taken just after the ticker's mark before it was written. */
  readonly previousWrittenMs: number | undefined;
  /** What the mark says beside the time: see source.sh. */
  readonly words: readonly string[];
}

/** The toolstack's text with the marks taken out of it. One character of `text` is one byte. */
export interface MarkedText {
  readonly text: string;
  readonly marks: readonly Mark[];
}

/** Parts marks from text. A mark may stand in the middle of a line: both ends of a migration write when they like. */
export function parseMarkedStream(bytes: Uint8Array): MarkedText {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pieces: string[] = [];
  const marks: Mark[] = [];
  let length = 0;
  let from = 0;
  const keep = (until: number) => {
    if (until > from) pieces.push(buffer.toString('latin1', from, until));
    length += Math.max(0, until - from);
  };
  for (let begin = buffer.indexOf(MARK_BEGIN); begin !== -1; ) {
    const end = buffer.indexOf(MARK_END, begin);
    const mark =
      end === -1 || end - begin > LONGEST_MARK ? undefined : parseMark(buffer.toString('latin1', begin + 1, end));
    if (mark) {
      keep(begin);
      marks.push({ at: length, ...mark });
      from = end + 1;
    }
    begin = buffer.indexOf(MARK_BEGIN, mark ? from : begin + 1);
  }
  keep(buffer.length);
  return { text: pieces.join(''), marks };
}

const CONTENT = /^(\d+)[.,](\d{6}) (?:-|(\d+)[.,](\d{6})) ([a-z-])((?: [\d.]+)*)$/;

function parseMark(content: string): Omit<Mark, 'at'> | undefined {
  const [, seconds, micros, endSeconds, endMicros, word, rest] = CONTENT.exec(content) ?? [];
  if (seconds === undefined || micros === undefined || word === undefined) return undefined;
  return {
    stampMs: toMs(seconds, micros),
    previousWrittenMs: endSeconds === undefined || endMicros === undefined ? undefined : toMs(endSeconds, endMicros),
    words: [word, ...(rest ?? '').split(' ').filter((part) => part !== '')],
  };
}

function toMs(seconds: string, micros: string): number {
  return Number(seconds) * 1000 + Number(micros) / 1000;
}
