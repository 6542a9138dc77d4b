import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Change } from '../../src/contract/step.ts';
import { Secret } from '../../src/core/secret.ts';
import { toIqn } from '../../src/storage/iqn.ts';
import { askNodeRecords, askSessions } from '../../src/storage/iscsiadm.ts';
import { readNodeRecords } from '../../src/storage/node-records.ts';
import { planSession, planSessionAbsent, type WantedSession } from '../../src/storage/plan-initiator.ts';
import { planTarget } from '../../src/storage/plan-target.ts';
import { byPathName } from '../../src/storage/portal.ts';
import { readSessions } from '../../src/storage/sessions.ts';
import { askTarget, readTarget } from '../../src/storage/target-state.ts';
import type { WantedTarget } from '../../src/storage/target-wish.ts';
import { freePort, type PlayedHost, playHost } from '../mock-tools/payload.ts';
import { answerOf, runSteps } from './played.ts';

const target = toIqn('iqn.2026-11.lab.bench:guests');
const initiator = toIqn('iqn.2026-11.lab.bench:xen1');
const portal = { address: '127.0.0.12', port: 3260 };
const chap = { user: 'xen1', password: new Secret('twelveletters') };
const wanted: WantedSession = { target, portal, chap, startup: 'automatic', luns: [1] };
const wantedTarget: WantedTarget = {
  name: target,
  luns: [{ number: 1, backstore: { name: 'g1', path: '/srv/g1.img', sizeMib: 8 } }],
  portals: [portal],
  acls: [{ initiator, chap }],
  surplus: 'keep',
};

const wishes = (changes: readonly Change[]) =>
  changes.map(
    ({ what, before, after }) => `${what.replace(` of ${target} at 127.0.0.12:3260`, '')}: ${before} -> ${after}`,
  );

describe('the plan of a session', () => {
  test('makes a record without a discovery, and no password is an argument', () => {
    const changes = planSession({ records: [], sessions: [] }, wanted);
    expect(wishes(changes)).toEqual([
      'record: undefined -> present',
      'node.startup: undefined -> automatic',
      'node.session.auth.authmethod: undefined -> CHAP',
      'node.session.auth.username: undefined -> xen1',
      'password: undefined -> set',
      'session: undefined -> LOGGED_IN',
    ]);
    expect(JSON.stringify(changes)).not.toContain('twelveletters');
    expect(JSON.stringify(changes)).not.toContain('discovery');
  });

  test('asks for no CHAP where there is none', () => {
    const changes = planSession(
      { records: [], sessions: [] },
      { ...wanted, chap: undefined, settings: { 'node.session.nr_sessions': '1' } },
    );
    expect(wishes(changes)).toContain('node.session.auth.authmethod: undefined -> None');
    expect(wishes(changes)).toContain('node.session.nr_sessions: undefined -> 1');
    expect(wishes(changes).join()).not.toContain('password');
  });
});

describe('the plan of a session, carried out by the played tools', () => {
  let stor: PlayedHost;
  let xen: PlayedHost;
  let san: string;
  beforeAll(async () => {
    san = mkdtempSync(join(tmpdir(), 'bench-san-'));
    const environment = { MOCK_SAN: san, MOCK_ISCSI_PORT: String(await freePort()) };
    stor = playHost({ packages: [['targetcli']], environment });
    xen = playHost({ packages: [['iscsi-initiator-utils']], environment });
    writeFileSync(join(xen.root, 'etc/iscsi/initiatorname.iscsi'), `InitiatorName=${initiator}\n`);
    writeFileSync(join(xen.root, 'etc/mock/iscsi.conf'), 'login_timeout_s=1\nudev_delay_ms=50\n');
    await serve(wantedTarget);
  });
  afterAll(() => {
    stor.remove();
    xen.remove();
    rmSync(san, { recursive: true });
  });

  async function serve(wish: WantedTarget): Promise<void> {
    await runSteps(stor, planTarget(readTarget(await answerOf(stor, askTarget())), wish));
  }
  const state = async () => ({
    records: readNodeRecords(await answerOf(xen, askNodeRecords())),
    sessions: readSessions(await answerOf(xen, askSessions())),
  });
  const plan = async (wish: WantedSession) => planSession(await state(), wish);

  /** The password step writes to the true places; here they are under the root of the played host. */
  const moved = (changes: readonly Change[]): readonly Change[] =>
    changes.map((change) => ({
      ...change,
      steps: change.steps.map((step) =>
        step.kind === 'run'
          ? { ...step, argv: step.argv.map((word) => word.replaceAll('"/var/lib/iscsi', '"$MOCK_ROOT/var/lib/iscsi')) }
          : step,
      ),
    }));
  const apply = async (wish: WantedSession) => {
    const changes = await plan(wish);
    await runSteps(xen, moved(changes));
    expect(wishes(await plan(wish))).toEqual([]);
    return wishes(changes);
  };

  test('is refused by the target while the password is wrong, and goes on from there', async () => {
    const wrong = { ...wanted, chap: { ...chap, password: new Secret('wrongwrongwrong') } };
    await expect(runSteps(xen, moved(await plan(wrong)))).rejects.toThrow('authorization failure');
    expect(await apply(wanted)).toEqual(['password: set -> set', 'session: undefined -> LOGGED_IN']);
    const disk = byPathName(portal, target, 1);
    expect((await xen.run(`blockdev --getsize64 $MOCK_ROOT${disk}`)).stdout).toBe(String(8 * 1024 ** 2));
  });

  test('finds a new LUN by a rescan', async () => {
    await serve({
      ...wantedTarget,
      luns: [...wantedTarget.luns, { number: 2, backstore: { name: 'g2', path: '/srv/g2.img', sizeMib: 8 } }],
    });
    expect(await apply({ ...wanted, luns: [1, 2] })).toEqual(['disk of LUN 2: undefined -> present']);
  });

  test('opens a session anew that the target has dropped', async () => {
    await stor.run(`targetcli /iscsi/${target}/tpg1 disable`);
    expect(wishes(await plan(wanted))).toEqual(['session: FAILED -> LOGGED_IN']);
    const repair = await plan(wanted);
    await stor.run(`targetcli /iscsi/${target}/tpg1 enable`);
    await runSteps(xen, repair);
    expect(await plan(wanted)).toEqual([]);
  });

  test('ends, also when the target is gone, and leaves no record', async () => {
    await stor.run('targetcli clearconfig confirm=True');
    await runSteps(xen, planSessionAbsent(await state(), wanted));
    expect(await state()).toEqual({ records: [], sessions: [] });
    expect(planSessionAbsent(await state(), wanted)).toEqual([]);
  });
});
