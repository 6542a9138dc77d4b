import { describe, expect, it } from 'vitest';
import type { Files } from '../../src/connection/files.ts';
import { parseDestination } from '../../src/connection/host-address.ts';
import { splitWords } from '../../src/connection/ssh-args.ts';
import { labelOf } from '../../src/connection/ssh-hop.ts';
import { planHops } from '../../src/connection/ssh-plan.ts';
import type { SshTarget } from '../../src/connection/target.ts';

const HOME = '/home/lab';

function filesWith(config: string | undefined, more: Readonly<Record<string, string>> = {}): Files {
  const all: Readonly<Record<string, string | undefined>> = { [`${HOME}/.ssh/config`]: config, ...more };
  return {
    readText: async (path) => all[path],
    matching: async (pattern) => Object.keys(all).filter((path) => path.startsWith(pattern.replace(/\*$/, ''))),
    modeOf: async () => undefined,
  };
}
async function plan(
  config: string | undefined,
  target: Partial<SshTarget> = {},
  more: Readonly<Record<string, string>> = {},
) {
  const environment = { home: HOME, user: 'me', agentSocket: '/run/agent' };
  const whole: SshTarget = { kind: 'ssh', host: 'xen1', options: new Map(), ...target };
  return planHops(whole, { environment, files: filesWith(config, more) });
}
async function lastHop(config: string | undefined, target: Partial<SshTarget> = {}) {
  const hop = (await plan(config, target)).at(-1);
  if (!hop) throw new Error('no hop');
  return hop;
}

describe('the plan of a connection', () => {
  it('is what ssh itself would do when nothing is said', async () => {
    expect(await lastHop(undefined)).toEqual({
      address: 'xen1',
      port: 22,
      user: 'me',
      password: undefined,
      identities: ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => ({
        file: `${HOME}/.ssh/${name}`,
        origin: 'usual',
        passphrase: undefined,
      })),
      agentSocket: '/run/agent',
      knownAs: 'xen1',
      policy: 'strict',
      knownHostsFiles: [
        `${HOME}/.ssh/known_hosts`,
        `${HOME}/.ssh/known_hosts2`,
        '/etc/ssh/ssh_known_hosts',
        '/etc/ssh/ssh_known_hosts2',
      ],
      connectTimeoutMs: 10_000,
      proxyCommand: undefined,
    });
  });

  it('follows the configuration file, the first value of each option', async () => {
    const hop = await lastHop(`
      host xen1 xen2
        HOSTNAME %h.lab.example.com
        Port 2222
        IdentityFile ~/.ssh/lab-%r
        IdentityFile "%d/other key"
        IdentitiesOnly yes
        UserKnownHostsFile ~/.ssh/known_lab /etc/lab
        StrictHostKeyChecking accept-new
        ConnectTimeout 3
      Host *
        User lab
        Port 1
    `);
    expect(hop).toMatchObject({
      address: 'xen1.lab.example.com',
      port: 2222,
      user: 'lab',
      agentSocket: undefined,
      knownAs: '[xen1.lab.example.com]:2222',
      policy: 'accept-new',
      connectTimeoutMs: 3000,
      identities: [
        { file: `${HOME}/.ssh/lab-lab`, origin: 'configured' },
        { file: `${HOME}/other key`, origin: 'configured' },
      ],
    });
    expect(hop.knownHostsFiles.slice(0, 2)).toEqual([`${HOME}/.ssh/known_lab`, '/etc/lab']);
  });

  it('puts variables before options, and options before the configuration file', async () => {
    const config = 'Host xen1\n  User config\n  Port 1\n  HostName config.example.com\n  StrictHostKeyChecking no\n';
    const options = new Map([
      ['port', ['2']],
      ['user', ['options']],
    ]);
    const hop = await lastHop(config, { options, user: 'variable', policy: 'strict' });
    expect(hop).toMatchObject({ user: 'variable', port: 2, address: 'config.example.com', policy: 'strict' });
  });

  it('leads through every jump host, and their own', async () => {
    const config =
      'Host xen*\n  ProxyJump lab@gate:2200,inner\nHost gate\n  ProxyJump outer.example.com\nHost inner\n  User inside\n';
    expect((await plan(config)).map(labelOf)).toEqual([
      'me@outer.example.com',
      'lab@gate:2200',
      'inside@inner',
      'me@xen1',
    ]);
    expect(await plan(config, { options: new Map([['proxyjump', ['none']]]) })).toHaveLength(1);
  });

  it('reads the files that a configuration file includes, within the block that includes them', async () => {
    const more = {
      [`${HOME}/.ssh/config.d/a`]: 'Host other\n  User wrong\nHost xen1\n  Include deeper\n',
      [`${HOME}/.ssh/deeper`]: 'HostName deep.example.com\n',
    };
    const config = 'Include config.d/*\nUser everywhere\nHost nobody\n  User wrong\n';
    const [hop] = await plan(config, {}, more);
    expect(hop).toMatchObject({ address: 'deep.example.com', user: 'everywhere' });
  });

  it('does not run what a configuration file would have run', async () => {
    const config = 'Match exec "touch /tmp/bench-must-not-exist"\n  User wrong\n';
    expect(await lastHop(config)).toMatchObject({ user: 'me' });
  });

  it('names a host that known_hosts holds under another name', async () => {
    expect(await lastHop('Host xen1\n  HostKeyAlias lab-key\n  Port 23\n')).toMatchObject({ knownAs: 'lab-key' });
  });

  it('refuses a configuration file that is named and missing', async () => {
    await expect(plan(undefined, { configFile: '~/none' })).rejects.toMatchObject({
      code: 'E_SSH_CONFIG',
      message: `the SSH configuration file ${HOME}/none does not exist`,
    });
  });
});

describe('words of a command line', () => {
  it('are split as a shell splits them', () => {
    expect(splitWords(`-o "A=b c" -o 'D="e"' f\\ g "h\\"i" ''`)).toEqual([
      '-o',
      'A=b c',
      '-o',
      'D="e"',
      'f g',
      'h"i',
      '',
    ]);
  });

  it('name a destination in every way that ssh takes', () => {
    const texts = [
      'xen1',
      'lab@xen1',
      'lab@xen1:22',
      '[2001:db8::1]:22',
      '2001:db8::1',
      'ssh://lab@xen1:22',
      'a b@c:x',
    ];
    expect(texts.map((text) => parseDestination(text))).toEqual([
      { host: 'xen1', user: undefined, port: undefined },
      { host: 'xen1', user: 'lab', port: undefined },
      { host: 'xen1', user: 'lab', port: 22 },
      { host: '2001:db8::1', user: undefined, port: 22 },
      { host: '2001:db8::1', user: undefined, port: undefined },
      { host: 'xen1', user: 'lab', port: 22 },
      undefined,
    ]);
  });
});
