import { describe, expect, it } from 'vitest';
import { BenchError } from '../../src/core/errors.ts';
import { mockHostOfContainer, planMockLab } from '../../src/lab/mock-plan.ts';

const debianDefault = { inotifyLimit: 128, fullHosts: 0 };
const plenty = { inotifyLimit: 10_000, fullHosts: 0 };

function errorOf(work: () => unknown): BenchError {
  try {
    work();
  } catch (error) {
    if (error instanceof BenchError) return error;
  }
  throw new Error('no BenchError was thrown');
}

describe('the plan of a mock lab', () => {
  it('is one target and the asked number of Xen hosts, each with its own port and address', () => {
    const { hosts, weight } = planMockLab(2, debianDefault);
    expect(hosts.map(({ name, group, sshPort, labAddress }) => [name, group, sshPort, labAddress])).toEqual([
      ['stor1', 'iscsi_target', 22100, '10.213.77.10'],
      ['xen1', 'xen_hosts', 22101, '10.213.77.11'],
      ['xen2', 'xen_hosts', 22102, '10.213.77.12'],
    ]);
    expect(weight).toBe('full');
  });

  it('never lets host addresses run into those of guests', () => {
    const { hosts } = planMockLab(60, plenty);
    const last = hosts.map(({ labAddress }) => Number(labAddress.split('.')[3]));
    expect(new Set(last).size).toBe(61);
    expect(Math.max(...last)).toBeLessThan(100);
  });

  it('leaves logind out where the inotify limit would not carry it for all hosts', () => {
    expect(planMockLab(15, debianDefault).weight).toBe('full');
    expect(planMockLab(16, debianDefault).weight).toBe('lean');
    expect(planMockLab(16, { inotifyLimit: 1024, fullHosts: 0 }).weight).toBe('full');
  });

  it('refuses what the inotify limit cannot carry and says which value would do', () => {
    expect(planMockLab(21, debianDefault).hosts).toHaveLength(22);
    const error = errorOf(() => planMockLab(22, debianDefault));
    expect([error.code, error.message, error.hint]).toMatchInlineSnapshot(`
      [
        "E_LAB_INOTIFY",
        "23 hosts need more inotify instances than this machine allows (fs.inotify.max_user_instances is 128)",
        "sysctl -w fs.inotify.max_user_instances=177",
      ]
    `);
    expect(planMockLab(22, { inotifyLimit: 177, fullHosts: 0 }).weight).toBe('full');
  });

  it('asks for a fresh lab where the hosts that are there leave no room for more', () => {
    const room = { inotifyLimit: 128, fullHosts: 16 };
    expect(planMockLab(15, room).hosts).toHaveLength(16);
    expect(planMockLab(15, room).weight).toBe('full');
    const error = errorOf(() => planMockLab(20, room));
    expect([error.code, error.hint]).toMatchInlineSnapshot(`
      [
        "E_LAB_INOTIFY",
        "bench lab down, then bench lab up --hosts 20: hosts that are made for a lab of this size need less",
      ]
    `);
  });

  it.each([1, 61, 2.5, Number.NaN])('refuses %s Xen hosts', (count) => {
    expect(errorOf(() => planMockLab(count, debianDefault)).code).toBe('E_LAB_SIZE');
  });
});

describe('the name of a container', () => {
  it('leads back to the host that was planned', () => {
    for (const host of planMockLab(60, plenty).hosts) expect(mockHostOfContainer(host.container)).toEqual(host);
  });

  it.each(['bench-mock-xen0', 'bench-mock-xen', 'bench-mock-stor2', 'other-bench-mock-xen1', ''])(
    'is no host of the lab when it is "%s"',
    (name) => expect(mockHostOfContainer(name)).toBeUndefined(),
  );
});
