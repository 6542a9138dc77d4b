declare const runId: unique symbol;
/** A run's name and the name of its directory: the UTC time of its start, `2026-11-24T14-02-11`, `-2` behind it when that was taken. */
export type RunId = string & { readonly [runId]: true };

const FORM = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(-\d+)?$/;

/** Undefined for a text that names no run: nothing else is ever used as part of a path. */
export function toRunId(text: string): RunId | undefined {
  return FORM.test(text) ? (text as RunId) : undefined;
}

/** The name of the `attempt`-th run that starts in this second, counted from 1. */
export function runIdAt(nowMs: number, attempt: number): RunId {
  const second = new Date(nowMs).toISOString().slice(0, 19).replaceAll(':', '-');
  return (attempt === 1 ? second : `${second}-${attempt}`) as RunId;
}
