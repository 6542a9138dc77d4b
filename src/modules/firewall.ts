import { z } from 'zod';
import { ask, type Change, defineResource, run, type Step } from '../contract/module.ts';
import type { CommandAnswer } from '../contract/probe.ts';
import { BenchError, PreconditionError } from '../core/errors.ts';
import { keyValues, suggest, tailOf } from '../core/text.ts';
import { wordsOf } from './parts/word-list.ts';

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

interface Openings {
  readonly services: readonly string[];
  readonly ports: readonly string[];
}

interface FirewallState {
  /** What filters now; undefined where firewalld does not run. */
  readonly now: Openings | undefined;
  /** What filters after the next start. */
  readonly kept: Openings;
}

const NOT_RUNNING = 252;
const INVALID_ZONE = 112;

export const firewall = defineResource({
  name: 'firewall',
  summary: 'Let services and ports through firewalld, now and after the next start.',
  params,
  example: '{ services: [iscsi-target], ports: [7707/udp] }',
  notes:
    'The running and the permanent configuration are both kept as asked. Where firewalld does not run, the permanent one alone: nothing filters then. Registers `running`.',

  probe: ({ zone }) => [
    ask('firewall-cmd', ...zoneOf(zone), '--list-all'),
    ask('firewall-offline-cmd', ...zoneOf(zone), '--list-all'),
    ask('firewall-offline-cmd', '--get-services'),
  ],

  read([now, kept, known], { services }): FirewallState {
    if (now.code === 127)
      throw new PreconditionError('firewalld is not installed here', 'install the package firewalld');
    if (kept.code === INVALID_ZONE) {
      throw new PreconditionError(`firewalld has no such zone: ${tailOf(kept.stderr, 1)}`, 'firewall-cmd --get-zones');
    }
    assertKnown(services, known);
    return { now: now.code === NOT_RUNNING ? undefined : toOpenings(now), kept: toOpenings(kept) };
  },

  plan(state, task): readonly Change[] {
    return [
      ...task.services.flatMap((name) => planOne(state, task, 'service', name)),
      ...task.ports.flatMap((name) => planOne(state, task, 'port', name)),
    ];
  },
  result: ({ now }) => ({ running: now !== undefined }),
});

function zoneOf(zone: string | undefined): readonly string[] {
  return zone === undefined ? [] : [`--zone=${zone}`];
}

function assertKnown(services: readonly string[], { code, stdout, stderr }: CommandAnswer): void {
  if (code !== 0) throw unreadable(stderr || stdout);
  const known = wordsOf(stdout);
  for (const service of services) {
    if (!known.includes(service)) {
      const near = suggest(service, known);
      throw new PreconditionError(
        `firewalld knows no service "${service}"`,
        near.startsWith('known') ? 'firewall-cmd --get-services' : near,
      );
    }
  }
}

function toOpenings({ code, stdout, stderr }: CommandAnswer): Openings {
  const told = keyValues(stdout, ':');
  const services = told.get('services');
  const ports = told.get('ports');
  if (code !== 0 || services === undefined || ports === undefined) throw unreadable(stderr || stdout);
  return { services: wordsOf(services), ports: wordsOf(ports) };
}

function unreadable(text: string): BenchError {
  return new BenchError('E_TOOL_OUTPUT', `firewalld did not tell what it lets in: ${tailOf(text, 1)}`);
}

function planOne(
  { now, kept }: FirewallState,
  { state, zone }: Params,
  kind: 'service' | 'port',
  name: string,
): readonly Change[] {
  const isWanted = state === 'enabled';
  const isIn = (openings: Openings) => openings[`${kind}s`].includes(name);
  const option = `--${isWanted ? 'add' : 'remove'}-${kind}=${name}`;
  const steps: Step[] = [];
  if (now && isIn(now) !== isWanted) steps.push(run('firewall-cmd', ...zoneOf(zone), option));
  if (isIn(kept) !== isWanted) {
    const tool = now ? ['firewall-cmd', '--permanent'] : ['firewall-offline-cmd'];
    steps.push(run(...tool, ...zoneOf(zone), option));
  }
  if (steps.length === 0) return [];
  const told = (isLetIn: boolean) => (isLetIn ? 'let in' : 'kept out');
  return [{ what: `${kind} ${name}`, before: told(!isWanted), after: told(isWanted), steps }];
}
