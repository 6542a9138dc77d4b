import { linesOf } from '../core/text.ts';

/** An echo request. Times are milliseconds after the observation's base, on the observer's clock. */
export interface EchoRequest {
  /** Sent after this and before `sentByMs`. */
  readonly sentFromMs: number;
  readonly sentByMs: number;
  /** When its reply came, by the kernel's stamp; undefined when it was lost. */
  readonly answeredMs: number | undefined;
}

export interface Heartbeat {
  readonly receivedMs: number;
  readonly bootId: string;
  readonly sequence: number;
  /** The guest's own monotonic clock. */
  readonly guestMs: number;
  readonly diskRecords: number;
  readonly diskErrors: number;
}

/** What the observer's program (observe.py) wrote. */
export interface Observation {
  readonly pid: number;
  /** The observer's clock at the base of all times. Milliseconds since 1970. */
  readonly baseMs: number;
  readonly mac: string;
  readonly scheduling: string;
  readonly requests: readonly EchoRequest[];
  readonly heartbeats: readonly Heartbeat[];
  /** By how much the observer's clock was set meanwhile. */
  readonly clockStepMs: number;
  readonly end: { readonly reason: 'settled' | 'absent' | 'limit' | 'told'; readonly atMs: number } | undefined;
}

/** Why there is no observation, as the program tells it; undefined when it did not fail. */
export function readObserverFailure(text: string): string | undefined {
  return linesOf(text)
    .find((line) => line.startsWith('fail '))
    ?.slice('fail '.length);
}

/** Undefined before the first line has come. A last line that was cut off is left out. */
export function parseObservation(text: string): Observation | undefined {
  const whole = linesOf(text.slice(0, text.lastIndexOf('\n') + 1));
  const begin = /^begin (\d+) (\d+) (\S+) (\S+) /.exec(whole[0] ?? '');
  if (!begin) return undefined;
  const [, pid, base, mac = '', scheduling = ''] = begin;
  const sent: { sentFromMs: number; sentByMs: number; answeredMs: number | undefined }[] = [];
  const heartbeats: Heartbeat[] = [];
  const boots = new Map<string, string>();
  let clockStepMs = 0;
  let end: Observation['end'];
  for (const line of whole) {
    const [kind, first = '', second = '', ...rest] = line.split(' ');
    switch (kind) {
      case 's':
        sent.push({ sentFromMs: Number(first) / 1000, sentByMs: Number(second) / 1000, answeredMs: undefined });
        break;
      case 'r': {
        const request = sent[Number(first)];
        if (request) request.answeredMs ??= Number(second) / 1000;
        break;
      }
      case 'b':
        boots.set(first, second);
        break;
      case 'h': {
        const [sequence, guestMs, diskRecords, diskErrors] = rest.map(Number);
        if (sequence === undefined || guestMs === undefined || diskRecords === undefined || diskErrors === undefined)
          break;
        const bootId = boots.get(second) ?? '';
        heartbeats.push({ receivedMs: Number(first) / 1000, bootId, sequence, guestMs, diskRecords, diskErrors });
        break;
      }
      case 'k':
        clockStepMs += Number(first) / 1000;
        break;
      case 'end':
        if (first === 'settled' || first === 'absent' || first === 'limit' || first === 'told') {
          end = { reason: first, atMs: Number(second) / 1000 };
        }
        break;
      default:
    }
  }
  return {
    pid: Number(pid),
    baseMs: Number(base) / 1e6,
    mac,
    scheduling,
    requests: sent,
    heartbeats,
    clockStepMs,
    end,
  };
}
