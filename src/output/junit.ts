import type { RunEvent } from '../contract/event.ts';
import type { Failure, Outcome } from '../contract/outcome.ts';
import { formatPosition } from '../core/diagnostic.ts';
import type { TaskFinished } from './failure.ts';

/** Collects a run for JUnit's XML: a suite a play, a case a task and host. */
export interface JUnitCollector {
  event(event: RunEvent): void;
  xml(): string;
}

interface Suite {
  readonly name: string;
  readonly cases: TaskFinished[];
  elapsedMs: number;
}

export function createJUnit(title: string): JUnitCollector {
  const suites: Suite[] = [];
  return {
    event(event) {
      if (event.type === 'playStarted') suites.push({ name: event.name, cases: [], elapsedMs: 0 });
      const suite = suites.at(-1);
      if (!suite) return;
      if (event.type === 'taskFinished') suite.cases.push(event);
      if (event.type === 'playFinished') suite.elapsedMs = event.elapsedMs;
    },
    xml: () => renderJUnit(title, suites),
  };
}

function renderJUnit(title: string, suites: readonly Suite[]): string {
  const cases = suites.flatMap((suite) => suite.cases);
  const ms = suites.reduce((sum, suite) => sum + suite.elapsedMs, 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escaped(title)}" ${counts(cases)} time="${seconds(ms)}">`,
    ...suites.flatMap((suite) => [
      `  <testsuite name="${escaped(suite.name)}" ${counts(suite.cases)} time="${seconds(suite.elapsedMs)}">`,
      ...suite.cases.flatMap((one) => renderCase(suite.name, one)),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n');
}

function counts(cases: readonly TaskFinished[]): string {
  const count = (isCounted: (one: TaskFinished) => boolean) => cases.filter(isCounted).length;
  const failures = count(({ outcome }) => outcome.status === 'failed' && !outcome.isIgnored);
  const errors = count(({ outcome }) => outcome.status === 'unreachable' && !outcome.isIgnored);
  const skipped = count(({ outcome }) => outcome.status === 'skipped' || outcome.status === 'unknown');
  return `tests="${cases.length}" failures="${failures}" errors="${errors}" skipped="${skipped}"`;
}

function renderCase(suite: string, { task, host, outcome, notes, elapsedMs }: TaskFinished): string[] {
  const name = `${task.name} [${host}]`;
  const place = `file="${escaped(task.at.file)}" line="${task.at.line}"`;
  const open = `    <testcase classname="${escaped(suite)}" name="${escaped(name)}" ${place} time="${seconds(elapsedMs)}"`;
  const said = [...remarks(outcome), ...notes];
  const output = said.length > 0 ? [`      <system-out>${content(said.join('\n'))}</system-out>`] : [];
  const inside = [...judgement(outcome), ...output];
  return inside.length === 0 ? [`${open}/>`] : [`${open}>`, ...inside, '    </testcase>'];
}

function remarks(outcome: Outcome): string[] {
  if (outcome.status === 'changed') return [`changed: ${outcome.changes.map(({ what }) => what).join(', ')}`];
  const isIgnored = (outcome.status === 'failed' || outcome.status === 'unreachable') && outcome.isIgnored;
  return isIgnored ? [`ignored: ${outcome.failure.message}`] : [];
}

function judgement(outcome: Outcome): string[] {
  switch (outcome.status) {
    case 'ok':
    case 'changed':
      return [];
    case 'skipped':
    case 'unknown':
      return [`      <skipped message="${escaped(outcome.reason)}"/>`];
    case 'failed':
    case 'unreachable': {
      if (outcome.isIgnored) return [];
      const { failure } = outcome;
      const element = outcome.status === 'failed' ? 'failure' : 'error';
      const attributes = `type="${escaped(failure.code)}" message="${escaped(failure.message)}"`;
      return [`      <${element} ${attributes}>${content(detailsOf(failure))}</${element}>`];
    }
  }
}

function detailsOf({ message, command, exitCode, stdout, stderr, hint, at }: Failure): string {
  return [
    message,
    ...(at ? [formatPosition(at)] : []),
    ...(command === undefined ? [] : [`command: ${command}`]),
    ...(exitCode === undefined ? [] : [`exit code: ${exitCode}`]),
    ...(stderr ? [`stderr:\n${stderr.trimEnd()}`] : []),
    ...(stdout ? [`stdout:\n${stdout.trimEnd()}`] : []),
    ...(hint ? [`hint: ${hint}`] : []),
  ].join('\n');
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\n': '&#10;',
};

/** Text for an attribute of XML 1.0: what it has no way to write (control characters, lone surrogates) becomes U+FFFD. */
function escaped(text: string): string {
  return content(text).replaceAll('\n', ENTITIES['\n'] ?? '');
}

/** Text between tags. */
function content(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/(?![\t\n\r])\p{Cc}|[\uFFFE\uFFFF]/gu, '\uFFFD')
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
