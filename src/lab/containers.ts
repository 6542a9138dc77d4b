import { addAbortSignal, PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type Docker from 'dockerode';
import { isAbsent, isSettled, toLabError } from './engine.ts';
import { type MockHost, type MockPlan, mockHostOfContainer, mockSubnet } from './mock-plan.ts';

const controlNetwork = 'bench-mock-control';
const labNetwork = 'bench-mock-lab';
const sanVolume = 'bench-mock-san';
/** What marks everything that belongs to the mock lab. */
export const mockLabels = { 'bench.lab': 'mock' } as const;
const weightLabel = 'bench.weight';
const labelFilter = { label: ['bench.lab=mock'] };

export type ContainerState = 'running' | 'stopped' | 'absent';

export interface LabHost extends MockHost {
  readonly state: ContainerState;
  readonly weight: MockPlan['weight'];
}

/** The networks and the volume that the hosts share. */
export async function ensureShared(engine: Docker): Promise<void> {
  await Promise.all([
    ensureNetwork(engine, { Name: controlNetwork }),
    ensureNetwork(engine, {
      Name: labNetwork,
      Internal: true,
      IPAM: { Driver: 'default', Config: [{ Subnet: mockSubnet }] },
    }),
    engine.createVolume({ Name: sanVolume, Labels: mockLabels }),
  ]);
}

async function ensureNetwork(engine: Docker, network: Docker.NetworkCreateOptions): Promise<void> {
  try {
    await engine.getNetwork(network.Name).inspect();
  } catch (error) {
    if (!isAbsent(error)) throw error;
    await engine.createNetwork({ ...network, Driver: 'bridge', Labels: mockLabels }).catch((cause: Error) => {
      throw toLabError(`network ${network.Name}`, cause.message, cause);
    });
  }
}

/** What `ensureHost` found or did; `outdated` is a running host of an image that is not the one asked for. */
export type HostChange = 'created' | 'started' | 'kept' | 'outdated';

/** The host's container, running. One that is there is never made anew: it may hold somebody's laboratory. */
export async function ensureHost(
  engine: Docker,
  image: string,
  host: MockHost,
  weight: MockPlan['weight'],
): Promise<HostChange> {
  const container = engine.getContainer(host.container);
  try {
    const { state, image: present } = await inspectContainer(engine, host.container);
    if (state === 'running') return present === image ? 'kept' : 'outdated';
    if (state === 'absent') await createHost(engine, image, host, weight);
    await container.start().catch((error: unknown) => {
      if (!isSettled(error)) throw error;
    });
    return state === 'absent' ? 'created' : 'started';
  } catch (cause) {
    throw toLabError(host.name, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/** The engine's API has had `CgroupnsMode` since 1.41; its types lack it. */
interface HostConfig extends Docker.HostConfig {
  readonly CgroupnsMode: 'private';
}

function hostConfig(sshPort: number): HostConfig {
  return {
    // What systemd, mounts, bridges and network namespaces need; --privileged would give the machine's devices as well.
    // SYS_NICE: as on a real host, root can let what takes the time go before other work.
    CgroupnsMode: 'private',
    CapAdd: ['SYS_ADMIN', 'NET_ADMIN', 'SYS_NICE'],
    // Docker's AppArmor profile forbids mount(2) whatever the capabilities.
    SecurityOpt: ['apparmor=unconfined'],
    Tmpfs: { '/run': 'exec,mode=755', '/run/lock': '', '/tmp': 'exec,mode=1777' },
    // `systemctl reboot` ends the container; the engine starts it again.
    RestartPolicy: { Name: 'always' },
    NetworkMode: controlNetwork,
    PortBindings: { '22/tcp': [{ HostIp: '127.0.0.1', HostPort: String(sshPort) }] },
    Mounts: [{ Type: 'volume', Source: sanVolume, Target: '/var/lib/mock-san' }],
  };
}

async function createHost(engine: Docker, image: string, host: MockHost, weight: MockPlan['weight']): Promise<void> {
  await engine.createContainer({
    name: host.container,
    Hostname: host.name,
    Image: image,
    Labels: { ...mockLabels, [weightLabel]: weight },
    Env: weight === 'lean' ? ['MOCK_LEAN=1'] : [],
    ExposedPorts: { '22/tcp': {} },
    HostConfig: hostConfig(host.sshPort),
  });
  // The engine names the interfaces when it starts the container: the network with a way out first (eth0), the internal one second.
  await engine.getNetwork(labNetwork).connect({
    Container: host.container,
    EndpointConfig: { IPAMConfig: { IPv4Address: host.labAddress } },
  });
}

interface Inspected {
  readonly state: ContainerState;
  /** Name of the image that it was made of. */
  readonly image: string;
  /** It has ended several times, soon after every start. */
  readonly failing: boolean;
}

export async function inspectContainer(engine: Docker, name: string): Promise<Inspected> {
  try {
    const { State, Config, RestartCount } = await engine.getContainer(name).inspect();
    const failing = State.ExitCode === 255 && RestartCount > 2;
    return { state: State.Running ? 'running' : 'stopped', image: Config.Image, failing };
  } catch (error) {
    if (isAbsent(error)) return { state: 'absent', image: '', failing: false };
    throw error;
  }
}

/** The lab's hosts that exist, the target first. */
export async function listHosts(engine: Docker): Promise<readonly LabHost[]> {
  const containers = await engine.listContainers({ all: true, filters: labelFilter });
  return containers
    .flatMap(({ Names, State, Labels }): readonly LabHost[] => {
      const host = mockHostOfContainer(Names[0]?.slice(1) ?? '');
      if (host === undefined) return [];
      const weight = Labels[weightLabel] === 'lean' ? 'lean' : 'full';
      return [{ ...host, state: State === 'running' ? 'running' : 'stopped', weight }];
    })
    .sort((a, b) => a.sshPort - b.sshPort);
}

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in a container, as root, to its end; an abort leaves it running. */
export async function execIn(
  engine: Docker,
  container: string,
  command: readonly string[],
  signal: AbortSignal,
): Promise<ExecResult> {
  const exec = await engine.getContainer(container).exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true });
  const stream = addAbortSignal(signal, await exec.start({}));
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  engine.modem.demuxStream(stream, stdout, stderr);
  stream.on('end', () => {
    stdout.end();
    stderr.end();
  });
  stream.on('error', (error) => stdout.destroy(error));
  const [out, err] = await Promise.all([text(stdout), text(stderr)]);
  return { exitCode: (await exec.inspect()).ExitCode ?? -1, stdout: out, stderr: err };
}

/** All containers, networks and volumes of the mock lab, whatever made them. Answers how many containers there were. */
export async function removeMockLab(engine: Docker): Promise<number> {
  const filters = labelFilter;
  const containers = await engine.listContainers({ all: true, filters });
  await Promise.all(containers.map(({ Id }) => ignoreAbsent(engine.getContainer(Id).remove({ force: true, v: true }))));
  const [networks, { Volumes }] = await Promise.all([
    engine.listNetworks({ filters }),
    engine.listVolumes({ filters }),
  ]);
  await Promise.all([
    ...networks.map(({ Id }) => ignoreAbsent(engine.getNetwork(Id).remove())),
    ...Volumes.map(({ Name }) => ignoreAbsent(engine.getVolume(Name).remove())),
  ]);
  return containers.length;
}

async function ignoreAbsent(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}
