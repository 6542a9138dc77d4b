import { UnreachableError } from '../core/errors.ts';
import type { Secret } from '../core/secret.ts';
import { codeOf, type Files } from './files.ts';
import { expandHome, knownHostName, parseDestination } from './host-address.ts';
import type { HostKeyPolicy, Identity, SshHop } from './ssh-hop.ts';
import { withIncludes } from './ssh-include.ts';
import { expandTokens, mergeOptions, optionsFor, type SshOptions } from './ssh-options.ts';
import type { SshTarget } from './target.ts';

/** What of the controller's surroundings connecting depends on. */
export interface Environment {
  readonly home: string;
  readonly user: string;
  /** SSH_AUTH_SOCK. */
  readonly agentSocket?: string;
}

export interface PlanDependencies {
  readonly environment: Environment;
  readonly files: Files;
}

const USUAL_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa'];
const CONNECT_TIMEOUT_MS = 10_000;
/** More jump hosts than anybody chains: past it two of them name each other. */
const MOST_HOPS = 8;

/**
 * Every connection to make, the target's last. Variables go before options of ssh, these before the user's
 * configuration file, this before what ssh itself would do.
 */
export async function planHops(target: SshTarget, dependencies: PlanDependencies): Promise<readonly SshHop[]> {
  const own = new Map<string, readonly string[]>();
  if (target.port !== undefined) own.set('port', [String(target.port)]);
  if (target.user !== undefined) own.set('user', [target.user]);
  if (target.keyFile !== undefined) own.set('identityfile', [target.keyFile]);
  const config = await readConfig(target.configFile, dependencies);
  const plan = { ...dependencies, config };
  const options = mergeOptions(own, target.options, optionsFor(config, target.host));
  const { password, passphrase, policy } = target;
  const namedKeys = mergeOptions(own, target.options).get('identityfile')?.length ?? 0;
  const extras = { password, passphrase, policy, namedKeys };
  return [...(await jumpsTo(options, plan, 0, target.host)), hopOf(target.host, options, plan, extras)];
}

interface Plan extends PlanDependencies {
  readonly config: string;
}

interface HopExtras {
  readonly password?: Secret | undefined;
  readonly passphrase?: Secret | undefined;
  readonly policy?: HostKeyPolicy | undefined;
  /** How many of the keys were named by variables and options: they stand first. */
  readonly namedKeys?: number;
}

/** The first of several jump hosts may have a jump host of its own; the others are reached through the one before. */
async function jumpsTo(options: SshOptions, plan: Plan, depth: number, host: string): Promise<readonly SshHop[]> {
  const jumps = options.get('proxyjump')?.join(',');
  if (jumps === undefined || jumps.toLowerCase() === 'none') return [];
  if (depth >= MOST_HOPS) {
    throw new UnreachableError('E_SSH_JUMP_LOOP', `${host}: ProxyJump leads round in a circle`, {
      hint: 'give the jump host "ProxyJump none" in ~/.ssh/config',
    });
  }
  const hops: SshHop[] = [];
  for (const [index, text] of jumps.split(',').entries()) {
    const destination = parseDestination(text);
    if (!destination) {
      throw new UnreachableError('E_SSH_JUMP', `${host}: "${text}" is no jump host`, {
        hint: 'ProxyJump user@host:port',
      });
    }
    const named = new Map<string, readonly string[]>();
    if (destination.user !== undefined) named.set('user', [destination.user]);
    if (destination.port !== undefined) named.set('port', [String(destination.port)]);
    const own = mergeOptions(named, optionsFor(plan.config, destination.host));
    if (index === 0) hops.push(...(await jumpsTo(own, plan, depth + 1, host)));
    hops.push(hopOf(destination.host, own, plan, {}));
  }
  return hops;
}

function hopOf(host: string, options: SshOptions, { environment }: Plan, extras: HopExtras): SshHop {
  const { home, agentSocket } = environment;
  const one = (name: string) => options.get(name)?.[0];
  const user = one('user') ?? environment.user;
  const port = Number(one('port') ?? 22);
  const address = expandTokens(one('hostname') ?? host, { h: host }, home);
  const tokens = { h: address, n: host, p: String(port), r: user, u: environment.user };
  const paths = (name: string, usual: readonly string[]) =>
    (options.get(name)?.flatMap((value) => value.split(/\s+/)) ?? usual).map((path) =>
      expandTokens(path, tokens, home),
    );
  const seconds = Number(one('connecttimeout') ?? 0);
  const proxy = one('proxycommand');
  const agent = one('identityagent');
  const socket = agent === undefined || agent === 'SSH_AUTH_SOCK' ? agentSocket : expandTokens(agent, tokens, home);
  const isAgentOff = one('identitiesonly')?.toLowerCase() === 'yes' || agent?.toLowerCase() === 'none';
  return {
    address,
    port,
    user,
    password: extras.password,
    identities: identitiesOf(options, tokens, home, extras),
    agentSocket: isAgentOff ? undefined : socket,
    knownAs: one('hostkeyalias') ?? knownHostName(address, port),
    policy: extras.policy ?? policyOf(one('stricthostkeychecking')),
    knownHostsFiles: [
      ...paths('userknownhostsfile', [`${home}/.ssh/known_hosts`, `${home}/.ssh/known_hosts2`]),
      ...paths('globalknownhostsfile', ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2']),
    ],
    connectTimeoutMs: seconds > 0 ? seconds * 1000 : CONNECT_TIMEOUT_MS,
    proxyCommand: proxy === undefined || proxy.toLowerCase() === 'none' || options.has('proxyjump') ? undefined : proxy,
  };
}

function identitiesOf(
  options: SshOptions,
  tokens: Readonly<Record<string, string>>,
  home: string,
  { passphrase, namedKeys = 0 }: HopExtras,
): readonly Identity[] {
  const named = options.get('identityfile');
  if (named === undefined) {
    return USUAL_KEYS.map((name) => ({ file: `${home}/.ssh/${name}`, origin: 'usual', passphrase }));
  }
  return named
    .map(
      (file, index) =>
        ({
          file: expandTokens(file, tokens, home),
          origin: index < namedKeys ? 'named' : 'configured',
          passphrase,
        }) as const,
    )
    .filter(({ file }) => file.toLowerCase() !== 'none');
}

function policyOf(setting: string | undefined): HostKeyPolicy {
  switch (setting?.toLowerCase()) {
    case 'no':
    case 'off':
      return 'off';
    case 'accept-new':
      return 'accept-new';
    default:
      return 'strict';
  }
}

async function readConfig(file: string | undefined, { environment, files }: PlanDependencies): Promise<string> {
  if (file?.toLowerCase() === 'none') return '';
  const path = file === undefined ? `${environment.home}/.ssh/config` : expandHome(file, environment.home);
  try {
    const text = await files.readText(path);
    if (text === undefined && file !== undefined) {
      throw new UnreachableError('E_SSH_CONFIG', `the SSH configuration file ${path} does not exist`, {
        hint: 'correct -F',
      });
    }
    return await withIncludes(text ?? '', environment.home, files);
  } catch (cause) {
    if (codeOf(cause) === undefined || cause instanceof UnreachableError) throw cause;
    throw new UnreachableError('E_SSH_CONFIG', `the SSH configuration file ${path} cannot be read`, {
      hint: `ls -l ${path}`,
      cause,
    });
  }
}
