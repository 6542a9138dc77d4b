import { type Change, runShell, type Step } from '../../contract/step.ts';
import type { Iqn } from '../../storage/iqn.ts';
import { explainExit } from '../../storage/iscsiadm.ts';

/** Codes of a login that the tool's own words leave in the dark. */
const EXPLAINED = [4, 8, 11, 12, 18, 19, 20, 24];
const SESSION_EXISTS = 15;
const REFUSED = 24;

/** The explanations come by standard input, so that the command stays short where it is shown. */
const LOGIN = `"$@" </dev/null && exit; code=$?; [ $code = ${SESSION_EXISTS} ] && exit; sed -n "s/^$code //p" >&2; exit $code`;

/** A login that says what its exit code means; a session that is there already is what was wanted. Other steps as they are. */
export function explained(step: Step, own: Iqn | undefined): Step {
  if (step.kind !== 'run' || step.argv.at(-1) !== '--login') return step;
  return {
    ...runShell(LOGIN, ...step.argv),
    stdin: EXPLAINED.map((code) => `${code} ${textOf(code, own)}\n`).join(''),
  };
}

function textOf(code: number, own: Iqn | undefined): string {
  const { meaning, hint } = explainExit(code);
  const name = code === REFUSED && own !== undefined ? `; this initiator is ${own}` : '';
  return `${meaning}${name}${hint === undefined ? '' : ` (${hint})`}`;
}

/** Ten seconds: udev has needed four on a slow machine. */
const WAIT = `udevadm settle
tries=100
for path; do
  while [ ! -e "$path" ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "no disk $path: does the target serve this LUN to this initiator?" >&2; exit 1; }
    sleep 0.1
  done
done`;

/** Disks that have yet to get their names from udev. */
export function devicesChange(paths: readonly string[]): Change {
  return {
    what: `disks ${paths.map((path) => path.replace(/^.*\//, '')).join(', ')}`,
    before: undefined,
    after: 'present',
    steps: [runShell(WAIT, ...paths)],
  };
}
