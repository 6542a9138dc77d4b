import { BenchError } from '../core/errors.ts';

export interface MockHost {
  readonly name: string;
  readonly group: 'xen_hosts' | 'iscsi_target';
  readonly container: string;
  /** Port of its sshd on 127.0.0.1. */
  readonly sshPort: number;
  /** Address on the laboratory's network, eth1. */
  readonly labAddress: string;
}

export interface MockPlan {
  readonly hosts: readonly MockHost[];
  /** `lean` hosts run without logind: less inotify instances, and a `systemctl reboot` that complains before it obeys. */
  readonly weight: 'full' | 'lean';
}

/** The lab network of the mock lab; the engine itself is .1. */
export const mockSubnet = '10.213.77.0/24';

const maxXenHosts = 60;
/** Per host: systemd 3, logind 1, NetworkManager 2, and one to spare where there is room. Measured with systemd 252. */
const inotifyInstances = { full: 7, lean: 5 } as const;
const extraOfFull = inotifyInstances.full - inotifyInstances.lean;
/** What the daemons of a usual machine hold already. */
const reservedInotifyInstances = 16;

function mockHost(name: string, group: MockHost['group'], index: number): MockHost {
  return {
    name,
    group,
    container: `bench-mock-${name}`,
    sshPort: 22100 + index,
    labAddress: `10.213.77.${10 + index}`,
  };
}

/** The host whose container has this name; undefined where it is none of a mock lab's. */
export function mockHostOfContainer(container: string): MockHost | undefined {
  const [, name, number] = /^bench-mock-(stor1|xen([1-9]\d?))$/.exec(container) ?? [];
  if (name === undefined) return undefined;
  return number === undefined ? mockHost(name, 'iscsi_target', 0) : mockHost(name, 'xen_hosts', Number(number));
}

export interface MockRoom {
  /** The engine's fs.inotify.max_user_instances. */
  readonly inotifyLimit: number;
  /** So many of the hosts are there already and are `full`. */
  readonly fullHosts: number;
}

/** The hosts of a lab with so many Xen hosts, the target first. */
export function planMockLab(xenHosts: number, { inotifyLimit, fullHosts }: MockRoom): MockPlan {
  if (!Number.isInteger(xenHosts) || xenHosts < 2 || xenHosts > maxXenHosts) {
    throw new BenchError('E_LAB_SIZE', `a mock lab has 2 to ${maxXenHosts} Xen hosts, not ${xenHosts}`, {
      hint: 'bench lab up --hosts 2',
    });
  }
  const hosts = [mockHost('stor1', 'iscsi_target', 0)];
  for (let index = 1; index <= xenHosts; index += 1) hosts.push(mockHost(`xen${index}`, 'xen_hosts', index));
  const room = inotifyLimit - reservedInotifyInstances;
  const needed = (full: number): number => hosts.length * inotifyInstances.lean + full * extraOfFull;
  if (needed(hosts.length) <= room) return { hosts, weight: 'full' };
  if (needed(Math.min(fullHosts, hosts.length)) <= room) return { hosts, weight: 'lean' };
  throw new BenchError(
    'E_LAB_INOTIFY',
    `${hosts.length} hosts need more inotify instances than this machine allows (fs.inotify.max_user_instances is ${inotifyLimit})`,
    {
      hint:
        needed(0) <= room
          ? `bench lab down, then bench lab up --hosts ${xenHosts}: hosts that are made for a lab of this size need less`
          : `sysctl -w fs.inotify.max_user_instances=${needed(hosts.length) + reservedInotifyInstances}`,
    },
  );
}
