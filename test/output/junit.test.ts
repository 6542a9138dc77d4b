import { expect, test } from 'vitest';
import { toHostName } from '../../src/contract/host.ts';
import { createJUnit } from '../../src/output/junit.ts';
import { ended, failingRun, play, task } from './fake-run.ts';

test('a suite a play, a case a task and host, with failures in full', () => {
  const junit = createJUnit('bench provision inventory/lab.ini');
  for (const event of failingRun()) junit.event(event);
  expect(junit.xml()).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="bench provision inventory/lab.ini" tests="9" failures="1" errors="0" skipped="1" time="24.500">
      <testsuite name="base" tests="5" failures="0" errors="0" skipped="1" time="8.300">
        <testcase classname="base" name="install packages [xen1]" file="playbooks/base.yml" line="11" time="8.210">
          <system-out>changed: package xen, package chrony, package iscsi-initiator-utils, package NetworkManager</system-out>
        </testcase>
        <testcase classname="base" name="install packages [xen2]" file="playbooks/base.yml" line="11" time="8.190">
          <system-out>changed: package xen, package chrony</system-out>
        </testcase>
        <testcase classname="base" name="install packages [stor1]" file="playbooks/base.yml" line="11" time="0.030"/>
        <testcase classname="base" name="make the hosts known to each other [xen1]" file="playbooks/base.yml" line="21" time="0.042">
          <system-out>changed: line 10.0.0.12 xen2 of /etc/hosts</system-out>
        </testcase>
        <testcase classname="base" name="make the hosts known to each other [xen2]" file="playbooks/base.yml" line="21" time="0.042">
          <skipped message="when: size(groups.xen_hosts) &gt; 2"/>
        </testcase>
      </testsuite>
      <testsuite name="xen" tests="2" failures="0" errors="0" skipped="0" time="4.100">
        <testcase classname="xen" name="reboot into Xen [xen1]" file="playbooks/xen.yml" line="31" time="3.100">
          <system-out>changed: boot
    back after 3.1 s, xl info says Xen 4.19.1</system-out>
        </testcase>
        <testcase classname="xen" name="reboot into Xen [xen2]" file="playbooks/xen.yml" line="31" time="4.000">
          <system-out>changed: boot
    back after 4.0 s, xl info says Xen 4.19.1</system-out>
        </testcase>
      </testsuite>
      <testsuite name="storage" tests="2" failures="1" errors="0" skipped="0" time="12.100">
        <testcase classname="storage" name="log in to the target [xen1]" file="playbooks/storage.yml" line="41" time="0.300">
          <system-out>changed: session with iqn.2026-11.lab.bench:guests</system-out>
        </testcase>
        <testcase classname="storage" name="log in to the target [xen2]" file="playbooks/storage.yml" line="41" time="12.000">
          <failure type="E_STEP_FAILED" message="expected a session with iqn.2026-11.lab.bench:guests, found none">expected a session with iqn.2026-11.lab.bench:guests, found none
    command: iscsiadm --mode node --targetname iqn.2026-11.lab.bench:guests --login
    exit code: 24
    stderr:
    iscsiadm: Could not login to [iface: default, target: iqn.2026-11.lab.bench:guests, portal: 10.0.0.3,3260].
    iscsiadm: initiator reported error (24 - iscsi login failed due to authorization failure)
    hint: the CHAP secret on stor1 and xen2 differ: they come from group_vars/all.yml:7 and host_vars/xen2.yml:3</failure>
        </testcase>
      </testsuite>
    </testsuites>
    "
  `);
});

test('what XML cannot hold is replaced, what it must not hold bare is escaped', () => {
  const junit = createJUnit('a & b');
  const failure = { code: 'E_X', message: 'got <"\u0000\ud800"> & \'x\'', stderr: 'a\nb\u001b[2J' };
  junit.event(play(1, 'base'));
  junit.event(ended(toHostName('xen1'), task(1, 'say "hi"'), { status: 'failed', failure, isIgnored: false }));
  const xml = junit.xml();
  expect(xml).toContain('name="a &amp; b"');
  expect(xml).toContain('message="got &lt;&quot;\uFFFD\uFFFD&quot;&gt; &amp; &apos;x&apos;"');
  expect(xml).not.toMatch(/(?!\n)\p{Cc}/u);
});

test('the counts of a suite add up: failed, unreachable, skipped; what was ignored is no failure', () => {
  const junit = createJUnit('t');
  const failure = { code: 'E_X', message: 'no' };
  const host = toHostName('xen1');
  junit.event(play(1, 'base'));
  junit.event(ended(host, task(1, 'a'), { status: 'failed', failure, isIgnored: false }));
  junit.event(ended(host, task(2, 'b'), { status: 'failed', failure, isIgnored: true }));
  junit.event(ended(host, task(3, 'c'), { status: 'unreachable', failure, isIgnored: false }));
  junit.event(ended(host, task(4, 'd'), { status: 'skipped', reason: 'when' }));
  junit.event(ended(host, task(5, 'e'), { status: 'unknown', reason: 'check' }));
  expect(junit.xml()).toContain('<testsuite name="base" tests="5" failures="1" errors="1" skipped="2"');
});

test('a run without plays is still a document', () => {
  expect(createJUnit('t').xml()).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="t" tests="0" failures="0" errors="0" skipped="0" time="0.000">\n</testsuites>\n',
  );
});
