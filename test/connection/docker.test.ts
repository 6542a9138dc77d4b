import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dialDocker } from '../../src/connection/docker.ts';
import { createSession, type HostSession } from '../../src/connection/session.ts';
import { toHostName } from '../../src/contract/host.ts';
import { ask, askShell, textOf } from '../../src/contract/probe.ts';
import { type RunStep, runShell, type Step } from '../../src/contract/step.ts';
import { failureOf } from './failure.ts';
import { makeFolder } from './local-shell.ts';
import { LOGIN, realClock } from './real-host.ts';

/** A container that has busybox and nothing else, made from this machine's own. */
describe('a session in a container', () => {
  const name = `bench-test-${randomBytes(4).toString('hex')}`;
  const docker = new Docker();
  let folder: string;
  let session: HostSession;

  beforeAll(async () => {
    folder = makeFolder();
    await importBusybox(docker, folder, name);
    const container = await docker.createContainer({ name, Image: name, Cmd: ['/bin/busybox', 'sleep', '1000'] });
    await container.start();
    session = sessionIn(name);
  });
  afterAll(async () => {
    await session.close();
    await docker.getContainer(name).remove({ force: true });
    await docker.getImage(name).remove();
    rmSync(folder, { recursive: true });
  });

  function sessionIn(container: string): HostSession {
    const dial = () => dialDocker({ kind: 'docker', container });
    return createSession({ host: toHostName('xen1'), clock: realClock, dial });
  }
  function frameOf(...steps: readonly Step[]) {
    return { sections: [{ kind: 'act', steps, after: [], onFailure: 'stop' }] } as const;
  }

  it('keeps outputs apart, and every byte of them', async () => {
    const bytes = randomBytes(3_000_000);
    const write: Step = { kind: 'write', path: '/data', content: { kind: 'bytes', bytes } };
    expect(await session.exchange(frameOf(write), LOGIN)).toMatchObject([{ kind: 'done' }]);
    const probes = [textOf('/data'), askShell('echo out; echo err >&2; exit 3'), ask('hostname')];
    const [answer] = await session.exchange({ sections: [{ kind: 'ask', probes }] }, LOGIN);
    const [text, command] = answer?.kind === 'answers' ? answer.answers : [];
    expect(text?.kind === 'text' && bytes.equals(text.bytes ?? new Uint8Array())).toBe(true);
    expect(command).toEqual({ kind: 'command', code: 3, stdout: 'out\n', stderr: 'err\n' });
  });

  it('streams a command with its input', async () => {
    const out: Uint8Array[] = [];
    const stdin = randomBytes(200_000);
    const onStdout = (piece: Uint8Array) => out.push(piece);
    expect(await session.stream(['sh', '-c', 'cat; exit 5'], { ...LOGIN, stdin, onStdout })).toEqual({ code: 5 });
    expect(Buffer.concat(out).equals(stdin)).toBe(true);
  });

  it('ends the commands of a frame that takes too long', async () => {
    const slow: RunStep = runShell('sleep 76543 & wait');
    await expect(session.exchange(frameOf(slow), { ...LOGIN, limitMs: 200 })).rejects.toMatchObject({
      code: 'E_TIME_LIMIT',
    });
    const probes = [askShell('ps -o args | grep "^sleep 76543" || echo none')];
    expect(await session.exchange({ sections: [{ kind: 'ask', probes }] }, LOGIN)).toMatchObject([
      { answers: [{ stdout: 'none\n' }] },
    ]);
  });

  it('fails in a clear word where there is no such container, or where it stopped', async () => {
    expect(await failureOf(sessionIn('no-such-container').exchange({ sections: [] }, LOGIN))).toMatchInlineSnapshot(`
      "there is no container no-such-container [E_DOCKER_UNKNOWN]
      hint: docker ps --all"
    `);
    const stopped = `${name}-stopped`;
    const container = await docker.createContainer({ name: stopped, Image: name, Cmd: ['/bin/busybox', 'true'] });
    const failure = await failureOf(sessionIn(stopped).exchange({ sections: [] }, LOGIN));
    await container.remove({ force: true });
    expect(failure.replaceAll(stopped, 'NAME')).toMatchInlineSnapshot(`
      "container NAME is not running [E_DOCKER_STOPPED]
      hint: docker start NAME"
    `);
  });
});

async function importBusybox(docker: Docker, folder: string, name: string): Promise<void> {
  const root = join(folder, 'root');
  const libraries = execFileSync('ldd', ['/usr/bin/busybox'], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g);
  for (const [from, to] of [
    ['/usr/bin/busybox', '/bin/busybox'],
    ...[...libraries].map(([, file = '']) => [file, file]),
  ]) {
    if (from === undefined || to === undefined) continue;
    mkdirSync(dirname(join(root, to)), { recursive: true });
    execFileSync('cp', ['-L', from, join(root, to)]);
  }
  for (const place of ['tmp', 'proc', 'var/tmp']) mkdirSync(join(root, place), { recursive: true });
  for (const tool of execFileSync('/usr/bin/busybox', ['--list'], { encoding: 'utf8' }).trim().split('\n')) {
    if (tool !== 'busybox') execFileSync('ln', ['-sf', 'busybox', join(root, 'bin', tool)]);
  }
  const tar = spawn('tar', ['-C', root, '-c', '.'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const progress = await docker.importImage(tar.stdout, { repo: name });
  await new Promise((resolve, reject) => {
    docker.modem.followProgress(progress, (error) => (error ? reject(error) : resolve(undefined)));
  });
}
