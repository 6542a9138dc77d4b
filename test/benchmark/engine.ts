import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { medianOf } from '../../src/core/statistics.ts';
import { delayed } from './delay-proxy.ts';
import { type Job, writeJob } from './job.ts';
import { type Lap, timeCommand } from './race.ts';
import { type Farm, startFarm } from './sshd-farm.ts';

/**
 * bench against the floor: one plain `ssh` process a host, all at once, that asks the same questions in one script.
 * npm run bench:engine -- [--hosts 20] [--tasks 24] [--rounds 5] [--latency 0]
 */
const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '20' },
    tasks: { type: 'string', default: '24' },
    rounds: { type: 'string', default: '5' },
    latency: { type: 'string', default: '0' },
  },
});
const rounds = Number(values.rounds);
const program = fileURLToPath(new URL('../../bin/bench', import.meta.url));

const latencyMs = Number(values.latency);
const near = await startFarm(Number(values.hosts));
const far = latencyMs > 0 ? await delayed(near, latencyMs) : undefined;
const farm: Farm = far ?? near;
try {
  const job = writeJob(farm, Number(values.tasks));
  const laps = new Map<string, Lap[]>();
  const note = (name: string, lap: Lap) => laps.set(name, [...(laps.get(name) ?? []), lap]);
  for (let round = 0; round < rounds; round += 1) {
    clean(farm);
    note('bench, fresh', await timeBench(job));
    note('floor', await timeFloor(farm, job));
    note('bench, nothing to do', await timeBench(job));
    note('floor', await timeFloor(farm, job));
  }
  print(laps);
} finally {
  far?.closeProxies();
  near.close();
}

function clean({ directory, hosts }: Farm): void {
  rmSync(join(directory, 'hosts'), { recursive: true, force: true });
  for (const host of hosts) mkdirSync(host.directory, { recursive: true });
}

/** In the job's own folder: its runs are stored there. */
function timeBench({ playbook, inventory }: Job): Promise<Lap> {
  const argv = [process.execPath, program, 'run', playbook, '-i', inventory, '--output', 'lines'];
  return timeCommand(argv, dirname(playbook));
}

async function timeFloor({ hosts, keyFile, knownHosts }: Farm, job: Job): Promise<Lap> {
  const begin = performance.now();
  await Promise.all(
    hosts.map(
      (host) =>
        new Promise<void>((resolve, reject) => {
          const options = [
            '-F',
            'none',
            '-i',
            keyFile,
            '-o',
            `UserKnownHostsFile=${knownHosts}`,
            '-o',
            'BatchMode=yes',
          ];
          const child = spawn('ssh', [...options, '-p', String(host.port), `root@${host.address}`, 'sh'], {
            stdio: ['pipe', 'ignore', 'inherit'],
          });
          child.once('error', reject);
          child.once('close', () => resolve());
          child.stdin.end(`${job.floorScript(host)}\ntrue\n`);
        }),
    ),
  );
  return { seconds: (performance.now() - begin) / 1000, cpuSeconds: 0, peakMib: 0 };
}

function print(laps: ReadonlyMap<string, readonly Lap[]>): void {
  const median = (all: readonly number[]) => medianOf(all) ?? 0;
  const floor = median((laps.get('floor') ?? []).map((lap) => lap.seconds));
  console.log(`${values.hosts} hosts, ${values.tasks} tasks, ${latencyMs} ms of latency, ${rounds} rounds, medians`);
  console.log('what                    seconds  x floor  cpu s  peak MiB');
  for (const [name, all] of laps) {
    const seconds = median(all.map((lap) => lap.seconds));
    const cpu = median(all.map((lap) => lap.cpuSeconds));
    const peak = median(all.map((lap) => lap.peakMib));
    const ratio = (seconds / floor).toFixed(2);
    console.log(
      `${name.padEnd(22)} ${seconds.toFixed(2).padStart(8)} ${ratio.padStart(8)} ${cpu.toFixed(2).padStart(6)} ${peak.toFixed(0).padStart(9)}`,
    );
  }
}
