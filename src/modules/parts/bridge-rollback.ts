import { askShell } from '../../contract/module.ts';
import type { CommandAnswer } from '../../contract/probe.ts';
import { type RunStep, runShell } from '../../contract/step.ts';

/**
 * NetworkManager takes a set of devices back by itself: profiles, addresses and routes return to what they were, also those
 * that no file of its own describes. Flag 2: profiles that came after the checkpoint go. The paths of checkpoints are
 * NetworkManager's, so ours is kept in a file.
 */
const BUS = `nm=org.freedesktop.NetworkManager root=/org/freedesktop/NetworkManager kept=/run/bench-rollback-$1
call() { busctl call $nm $root $nm "$@"; }
ours=$(cat "$kept" 2>/dev/null)
isArmed() { [ -n "$ours" ] && busctl get-property $nm $root $nm Checkpoints | grep -qF "\\"$ours\\""; }`;

const ARM = `${BUS}
isArmed && call CheckpointDestroy o "$ours"
name=$1 seconds=$2 port=$3
set --
for device in "$port" "$name"; do
  [ -d "/sys/class/net/$device" ] || continue
  path=$(call GetDeviceByIpIface s "$device") || exit 1
  path=\${path#*\\"}
  set -- "$@" "\${path%\\"}"
done
made=$(call CheckpointCreate aouu $# "$@" "$seconds" 2) || exit 1
made=\${made#*\\"}
printf '%s\\n' "\${made%\\"}" >"$kept"`;

/** systemd's own timers may be a minute late; a person who is locked out counts seconds. */
const ARM_BY_TIMER = `unit=bench-rollback-$1
systemctl stop "$unit.timer" 2>/dev/null
echo timer >"/run/$unit" || exit 1
systemd-run --quiet --collect --unit="$unit" --on-active="$2" --timer-property=AccuracySec=100ms sh -c "$3"`;

const ASK = `${BUS}
if systemctl is-active --quiet "bench-rollback-$1.timer" || isArmed; then echo armed; elif [ -n "$ours" ]; then echo expired; fi`;

const DISARM = `${BUS}
systemctl stop "bench-rollback-$1.timer" 2>/dev/null
if isArmed; then call CheckpointDestroy o "$ours" || exit 1; fi
rm -f "$kept"`;

/** `armed` while the bridge would still be taken back, `expired` once it was, until the next try. */
export type Rollback = 'none' | 'armed' | 'expired';

export function askRollback(name: string) {
  return askShell(ASK, name);
}

export function readRollback({ stdout }: CommandAnswer): Rollback {
  const word = stdout.trim();
  return word === 'armed' || word === 'expired' ? word : 'none';
}

/** From now on NetworkManager takes card and bridge back to what they are, unless somebody disarms it in time. */
export function armCheckpointStep(name: string, port: string, seconds: number): RunStep {
  return runShell(ARM, name, String(seconds), port);
}

/** Where NetworkManager is not: a shell text that runs when its time is over, unless somebody disarms it. */
export function armTimerStep(name: string, seconds: number, undo: string): RunStep {
  return runShell(ARM_BY_TIMER, name, String(seconds), undo);
}

export function disarmStep(name: string): RunStep {
  return runShell(DISARM, name);
}
