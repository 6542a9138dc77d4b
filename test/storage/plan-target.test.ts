import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Change } from '../../src/contract/step.ts';
import { Secret } from '../../src/core/secret.ts';
import { toIqn } from '../../src/storage/iqn.ts';
import { planTarget, planTargetAbsent } from '../../src/storage/plan-target.ts';
import { askTarget, parseTargetState, readTarget, type TargetState } from '../../src/storage/target-state.ts';
import type { WantedTarget } from '../../src/storage/target-wish.ts';
import { entryOf, readCaptured } from '../mock-tools/captured.ts';
import { freePort, type PlayedHost, playHost } from '../mock-tools/payload.ts';
import { answerOf, linesFed, runSteps } from './played.ts';

const name = toIqn('iqn.2026-11.lab.bench:guests');
const initiator = (host: string) => toIqn(`iqn.2026-11.lab.bench:${host}`);
const chap = (user: string, password = 'twelveletters') => ({ user, password: new Secret(password) });

const wanted: WantedTarget = {
  name,
  luns: [
    { number: 1, backstore: { name: 'g1', path: '/srv/g1.img', sizeMib: 16 } },
    { number: 2, backstore: { name: 'g2', path: '/srv/g2.img', sizeMib: 16 } },
  ],
  portals: [{ address: '127.0.0.12', port: 3260 }],
  acls: [
    { initiator: initiator('xen1'), chap: chap('xen1') },
    { initiator: initiator('xen2'), chap: chap('xen2') },
  ],
  surplus: 'keep',
};
const nothing: TargetState = { backstores: [], targets: [] };
const wishes = (changes: readonly Change[]) =>
  changes.map(({ what, before, after }) => `${what}: ${before} -> ${after}`);

describe('the plan of a target', () => {
  test('makes everything in one shell, in the order that targetcli takes, with the passwords on its input only', () => {
    const changes = planTarget(nothing, wanted);
    expect(changes.flatMap(({ steps }) => steps)).toHaveLength(1);
    expect(linesFed(changes)).toMatchInlineSnapshot(`
      "cd /
      /backstores/fileio create name=g1 file_or_dev=/srv/g1.img size=16M write_back=false
      /backstores/fileio create name=g2 file_or_dev=/srv/g2.img size=16M write_back=false
      /iscsi create iqn.2026-11.lab.bench:guests
      /iscsi/iqn.2026-11.lab.bench:guests/tpg1/luns create /backstores/fileio/g1 lun=1
      /iscsi/iqn.2026-11.lab.bench:guests/tpg1/luns create /backstores/fileio/g2 lun=2
      /iscsi/iqn.2026-11.lab.bench:guests/tpg1 set attribute authentication=1
      /iscsi/iqn.2026-11.lab.bench:guests/tpg1 set attribute generate_node_acls=0
      /iscsi/iqn.2026-11.lab.bench:guests/tpg1/acls create iqn.2026-11.lab.bench:xen1
      /iscsi/iqn.2026-11.lab.bench:guests/tpg1/acls/iqn.2026-11.lab.bench:xen1 set auth userid=xen1 password=twelveletters
      /iscsi/iqn.2026-11.lab.bench:guests/tpg1/acls create iqn.2026-11.lab.bench:xen2
      /iscsi/iqn.2026-11.lab.bench:guests/tpg1/acls/iqn.2026-11.lab.bench:xen2 set auth userid=xen2 password=twelveletters
      /iscsi/iqn.2026-11.lab.bench:guests/tpg1/portals delete 0.0.0.0 3260
      /iscsi/iqn.2026-11.lab.bench:guests/tpg1/portals create 127.0.0.12 3260
      cd /
      saveconfig
      exit
      "
    `);
    expect(JSON.stringify(changes)).not.toContain('twelveletters');
  });

  test('is empty for what the real tools wrote of the same target', () => {
    const state = parseTargetState(entryOf(readCaptured('lio-saveconfig.txt'), 'saved configuration').stdout);
    const same: WantedTarget = {
      name: toIqn('iqn.2024-01.lab.bench:DISK1'),
      luns: [{ number: 1, backstore: { name: 'disk1', path: '/srv/disk1.img', sizeMib: 64 } }],
      portals: [
        { address: '10.77.0.12', port: 3260 },
        { address: '10.99.0.1', port: 3260 },
      ],
      acls: [
        { initiator: toIqn('iqn.2024-01.lab.bench:xena'), chap: chap('xena', 'secretsecret1') },
        { initiator: toIqn('iqn.2024-01.lab.bench:xenb'), chap: chap('xenb', 'short') },
      ],
      attributes: { demo_mode_write_protect: 0 },
      surplus: 'remove',
    };
    expect(planTarget(state, same)).toEqual([]);
    const [change] = planTarget(state, { ...same, acls: same.acls.map((acl) => ({ ...acl, chap: chap('xena') })) });
    expect(change).toMatchObject({ before: 'set', after: 'set', isSecret: true });
  });

  test('refuses what only the loss of data could bring about', () => {
    const backstore = { plugin: 'fileio', name: 'g1', path: '/srv/g1.img', sizeBytes: 8 * 1024 ** 2, serial: 's' };
    const plan = (changed: object) => () =>
      planTarget({ backstores: [{ ...backstore, ...changed }], targets: [] }, wanted);
    expect(plan({})).toThrow('backstore fileio/g1 has 8 MiB, wanted are 16 MiB');
    expect(plan({ path: '/srv/other.img' })).toThrow('backstore fileio/g1 is /srv/other.img, wanted is /srv/g1.img');
    expect(plan({ name: 'other' })).toThrow('/srv/g1.img belongs to the backstore fileio/other');
  });
});

describe('the plan of a target, carried out by the played tools', () => {
  let host: PlayedHost;
  let san: string;
  beforeEach(async () => {
    san = mkdtempSync(join(tmpdir(), 'bench-san-'));
    host = playHost({
      packages: [['targetcli']],
      environment: { MOCK_SAN: san, MOCK_ISCSI_PORT: String(await freePort()) },
    });
  });
  afterEach(() => {
    host.remove();
    rmSync(san, { recursive: true });
  });

  const state = async () => readTarget(await answerOf(host, askTarget()));
  const apply = async (wish: WantedTarget) => {
    const changes = planTarget(await state(), wish);
    await runSteps(host, changes);
    expect(wishes(planTarget(await state(), wish))).toEqual([]);
    return wishes(changes);
  };

  test('leaves nothing to do, and is saved', async () => {
    await apply(wanted);
    const saved = await host.run(`cat ${host.root}/etc/target/saveconfig.json`);
    expect(planTarget(parseTargetState(saved.stdout), wanted)).toEqual([]);
  });

  test('meets a second target, which gets no default portal of its own', async () => {
    await apply(wanted);
    const second = { ...wanted, name: toIqn('iqn.2026-11.lab.bench:second'), luns: [] };
    await apply(second);
  });

  test('replaces the wildcard of an existing target before it makes a specific portal', async () => {
    await host.run(`targetcli /iscsi create ${name}`);
    const changes = await apply({ ...wanted, luns: [], acls: [] });
    expect(changes).toEqual([
      `portal 0.0.0.0:3260 of ${name}: present -> undefined`,
      `portal 127.0.0.12:3260 of ${name}: undefined -> present`,
    ]);
  });

  test('repairs a LUN with a wrong number, a lost mapping, a read-only one and a disabled group', async () => {
    await apply(wanted);
    const acl = `/iscsi/${name}/tpg1/acls/${initiator('xen1')}`;
    await host.run(
      'targetcli',
      [
        `/iscsi/${name}/tpg1/luns delete 2`,
        `/iscsi/${name}/tpg1/luns create /backstores/fileio/g2 lun=7`,
        `${acl} delete mapped_lun=1`,
        `${acl} create mapped_lun=1 tpg_lun_or_backstore=1 write_protect=1`,
        `/iscsi/${name}/tpg1 disable`,
        '',
      ].join('\n'),
    );
    expect(await apply(wanted)).toEqual([
      `LUN 7 of ${name}: fileio/g2 -> undefined`,
      `LUN 2 of ${name}: undefined -> fileio/g2`,
      `LUN 1 for ${initiator('xen1')}: read-only -> read and write`,
      `state of ${name}: disabled -> enabled`,
    ]);
  });

  test('takes away what is not wanted only where that was asked for', async () => {
    await apply(wanted);
    const fewer = { ...wanted, luns: wanted.luns.slice(0, 1), acls: wanted.acls.slice(0, 1) };
    expect(await apply(fewer)).toEqual([]);
    expect(await apply({ ...fewer, surplus: 'remove' })).toEqual([
      `LUN 2 of ${name}: fileio/g2 -> undefined`,
      `access of ${initiator('xen2')} to ${name}: allowed -> undefined`,
    ]);
  });

  test('takes a target away with its backstores, once', async () => {
    await apply(wanted);
    await runSteps(host, planTargetAbsent(await state(), name));
    expect(await state()).toEqual(nothing);
    expect(planTargetAbsent(await state(), name)).toEqual([]);
  });

  test('fails with the complaint of targetcli, although targetcli ends with 0', async () => {
    const bad = { ...wanted, luns: [{ number: 1, backstore: { name: 'g1', path: '/srv/none/g1.img', sizeMib: 16 } }] };
    await expect(runSteps(host, planTarget(await state(), bad))).rejects.toThrow('Could not open /srv/none/g1.img');
  });
});
