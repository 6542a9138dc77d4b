import { z } from 'zod';
import { ask, type Change, defineResource, run } from '../contract/module.ts';
import { BenchError, PreconditionError } from '../core/errors.ts';
import { keyValues } from '../core/text.ts';

const RESTART_HINT = 'started or stopped; a restart is an act: notify a handler with `command: systemctl restart NAME`';

const params = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.@:\\-]+$/, 'not a unit name')
    .meta({
      description: 'Unit to manage; without a suffix it is a service.',
      examples: ['xenconsoled.service'],
    }),
  state: z
    .enum(['started', 'stopped'], { error: `expected ${RESTART_HINT}` })
    .optional()
    .describe('Run state to reach. Left alone when absent.'),
  enabled: z.boolean().optional().describe('Whether the unit starts at boot. Left alone when absent.'),
  masked: z.boolean().optional().describe('Whether the unit is barred from starting at all. Left alone when absent.'),
});

const PROPERTIES = 'LoadState,ActiveState,UnitFileState,NeedDaemonReload,Type,RemainAfterExit';
const RUNNING = new Set(['active', 'reloading', 'activating', 'refreshing']);
const AT_BOOT = new Set(['enabled', 'alias']);
/** States of unit files that have no say in what starts at boot: others pull them in. */
const WITHOUT_INSTALL = new Set(['static', 'generated', 'transient', 'indirect']);

export const service = defineResource({
  name: 'service',
  summary: 'Start or stop a systemd unit and choose whether it starts at boot.',
  params,
  example: '{ name: xenconsoled.service, state: started, enabled: true }',
  notes:
    'There is no `restarted`: notify a handler. Where a unit file is newer than what systemd has read, `systemctl daemon-reload` comes first by itself.',

  probe: ({ name }) => [ask('systemctl', 'show', `--property=${PROPERTIES}`, '--', name)],

  read([show]) {
    const unit = keyValues(show.stdout);
    const load = unit.get('LoadState');
    const active = unit.get('ActiveState');
    if (load === undefined || active === undefined) {
      const said = show.stderr.trim() || show.stdout.trim() || `exit code ${show.code}`;
      throw new BenchError('E_TOOL_OUTPUT', `systemctl show did not tell the unit's state: ${said}`, {
        hint: 'is systemd process 1 of this host? ps -p 1',
      });
    }
    return {
      load,
      active,
      boot: unit.get('UnitFileState') ?? '',
      isStale: unit.get('NeedDaemonReload') === 'yes',
      endsByItself: unit.get('Type') === 'oneshot' && unit.get('RemainAfterExit') === 'no',
    };
  },

  plan(unit, { name, state, enabled, masked }) {
    const changes: Change[] = [];
    const isMasked = unit.load === 'masked';
    if (unit.load === 'not-found') {
      if (masked !== true && state !== 'stopped' && enabled !== false) {
        throw new PreconditionError(`unit "${name}" is unknown to systemd`, 'install the package that ships it first');
      }
      if (masked !== true) return [];
    }
    if (isMasked && masked === undefined && (state === 'started' || enabled)) {
      throw new PreconditionError(`unit "${name}" is masked`, 'masked: false lets it start again');
    }
    if (unit.isStale) {
      changes.push({
        what: `unit file of ${name}`,
        before: 'not read since it changed',
        after: 'read',
        steps: [run('systemctl', 'daemon-reload')],
      });
    }
    if (masked === false && isMasked) {
      changes.push({
        what: `${name} masked`,
        before: 'masked',
        after: 'unmasked',
        steps: [run('systemctl', 'unmask', '--', name)],
      });
    }
    // What an unmasked unit is like is known only afterwards: enabling and starting do no harm where nothing was to do.
    if (enabled !== undefined && (isMasked ? enabled && masked === false : enabled !== AT_BOOT.has(unit.boot))) {
      if (enabled && WITHOUT_INSTALL.has(unit.boot)) {
        throw new PreconditionError(
          `unit "${name}" cannot be enabled: it is ${unit.boot}`,
          'leave "enabled" out; other units pull it in',
        );
      }
      if (enabled || !WITHOUT_INSTALL.has(unit.boot)) changes.push(atBoot(name, unit.boot, enabled));
    }
    if (state !== undefined && (state === 'started') !== RUNNING.has(unit.active)) {
      if (state === 'started' && unit.endsByItself) {
        throw new PreconditionError(
          `unit "${name}" ends when its work is done, so it cannot stay started`,
          `run it with command: systemctl start ${name}`,
        );
      }
      const steps = [run('systemctl', state === 'started' ? 'start' : 'stop', '--', name)];
      changes.push({ what: name, before: unit.active, after: state, steps });
    }
    if (masked === true && !isMasked) {
      changes.push({
        what: `${name} masked`,
        before: unit.load,
        after: 'masked',
        steps: [run('systemctl', 'mask', '--', name)],
      });
    }
    return changes;
  },

  result: (unit, { name }) => ({ name, state: unit.active, enabled: unit.boot }),
});

function atBoot(name: string, before: string, enabled: boolean): Change {
  const verb = enabled ? 'enable' : 'disable';
  return {
    what: `${name} at boot`,
    before: before || 'unknown',
    after: `${verb}d`,
    steps: [run('systemctl', verb, '--', name)],
  };
}
