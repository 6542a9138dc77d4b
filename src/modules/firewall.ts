import { z } from 'zod';
import { askShell, type Change, defineResource, run, type Step } from '../contract/module.ts';
import { BenchError, PreconditionError } from '../core/errors.ts';
import { keyValues } from '../core/text.ts';

const params = z
  .strictObject({
    services: z
      .array(z.string().regex(/^[\w.-]+$/, 'not the name of a service'))
      .default([])
      .meta({ description: "Services by firewalld's names.", examples: [['iscsi-target']] }),
    ports: z
      .array(z.string().regex(/^\d+(-\d+)?\/(tcp|udp|sctp|dccp)$/, 'NUMBER/tcp or NUMBER/udp'))
      .default([])
      .meta({ description: 'Ports with their protocol.', examples: [['7707/udp']] }),
    zone: z
      .string()
      .regex(/^[\w.-]+$/, 'not the name of a zone')
      .optional()
      .describe('Zone; the default one when absent.'),
    state: z.enum(['enabled', 'disabled']).default('enabled').describe('Whether they are let in.'),
  })
  .refine(({ services, ports }) => services.length + ports.length > 0, 'name a service or a port');

type Params = z.infer<typeof params>;

/** One line each for what is let in now and after the next start. */
const QUESTION = `command -v firewall-cmd >/dev/null 2>&1 || { echo missing=yes; exit 0; }
printf 'running=%s\\n' "$(firewall-cmd --state 2>&1)"
cmd() { firewall-cmd "$@" 2>/dev/null; }
[ -n "$1" ] && set -- "--zone=$1" || set --
printf 'now_services=%s\\n' "$(cmd "$@" --list-services)"
printf 'now_ports=%s\\n' "$(cmd "$@" --list-ports)"
printf 'kept_services=%s\\n' "$(cmd --permanent "$@" --list-services)"
printf 'kept_ports=%s\\n' "$(cmd --permanent "$@" --list-ports)"`;

export const firewall = defineResource({
  name: 'firewall',
  summary: 'Let services and ports through firewalld, now and after the next start.',
  params,
  example: '{ services: [iscsi-target], ports: [7707/udp] }',
  notes: 'Needs a running firewalld. Both the running and the permanent configuration are kept as asked.',

  probe: ({ zone }) => [askShell(QUESTION, zone ?? '')],
  read([answer]) {
    const told = keyValues(answer.stdout);
    if (told.get('missing') === 'yes')
      throw new PreconditionError('firewalld is not installed here', 'install the package firewalld');
    if (told.get('running') !== 'running') {
      throw new PreconditionError(
        `firewalld does not run: ${told.get('running') || answer.stderr.trim()}`,
        'service: { name: firewalld.service, state: started }',
      );
    }
    const list = (name: string) => {
      const text = told.get(name);
      if (text === undefined)
        throw new BenchError('E_TOOL_OUTPUT', `firewall-cmd did not tell its ${name.replace('_', ' ')}`);
      return text.split(' ').filter((word) => word !== '');
    };
    return {
      services: { now: list('now_services'), kept: list('kept_services') },
      ports: { now: list('now_ports'), kept: list('kept_ports') },
    };
  },

  plan(state, task): readonly Change[] {
    return [
      ...task.services.flatMap((service) => planOne(task, 'service', service, state.services)),
      ...task.ports.flatMap((port) => planOne(task, 'port', port, state.ports)),
    ];
  },
});

function planOne(
  { state, zone }: Params,
  kind: 'service' | 'port',
  name: string,
  { now, kept }: { readonly now: readonly string[]; readonly kept: readonly string[] },
): readonly Change[] {
  const isWanted = state === 'enabled';
  const option = `--${isWanted ? 'add' : 'remove'}-${kind}=${name}`;
  const zoned = zone === undefined ? [] : [`--zone=${zone}`];
  const steps: Step[] = [];
  if (now.includes(name) !== isWanted) steps.push(run('firewall-cmd', '--quiet', ...zoned, option));
  if (kept.includes(name) !== isWanted) steps.push(run('firewall-cmd', '--quiet', '--permanent', ...zoned, option));
  if (steps.length === 0) return [];
  const told = (isLetIn: boolean) => (isLetIn ? 'let in' : 'kept out');
  return [{ what: `${kind} ${name}`, before: told(!isWanted), after: told(isWanted), steps }];
}
