"""The host under the mock hypervisor: its knobs, its memory, and what `xl info` and `xl dmesg` say of it."""
import os
import platform
import re
import time

import store

VERSION = '4.19.2'
OVERHEAD_MIB = 12
GUEST_OVERHEAD_MIB = 2
DOM0_LEAST_MIB = 128
DEFAULTS = {'pause_ms': '60', 'bandwidth_mib_per_s': '400', 'memory_total_mib': '4096', 'fault': '',
            'no_arp_ms': '800', 'shutdown_wait_s': '60', 'settle_s': '1'}


def knobs():
    """/etc/mock/xen.conf, read at every use; a missing file means the defaults."""
    values = dict(DEFAULTS)
    for line in store.read_text(store.path('/etc/mock/xen.conf')).splitlines():
        key, equals, value = line.partition('=')
        if equals and not key.lstrip().startswith('#'):
            values[key.strip()] = value.strip()
    return values


def xen_booted():
    """Stands for /proc/xen/capabilities, which a container cannot have."""
    return os.path.exists(store.path('/run/mock/xen-booted'))


def command_line():
    return store.read_text(store.path('/run/mock/xen-booted')).strip()


def total_mib():
    return int(knobs()['memory_total_mib'])


def _size_mib(text):
    number, unit = re.fullmatch(r'(\d+)([bkmgt]?)', text.lower()).groups()
    return int(number) * {'b': 1 / 1048576, 'k': 1 / 1024, '': 1 / 1024, 'm': 1, 'g': 1024, 't': 1048576}[unit]


def stated_dom0_mib():
    """dom0_mem of the Xen command line in MiB; None when absent, then dom0 has all memory and is ballooned down."""
    found = re.search(r'(?:^|\s)dom0_mem=(\S+)', command_line())
    if not found:
        return None
    for part in found.group(1).split(','):
        if not part.startswith(('min:', 'max:')):
            return int(min(_size_mib(part), total_mib() - OVERHEAD_MIB))
    return total_mib() - OVERHEAD_MIB


def dom0_mib():
    stated = stated_dom0_mib()
    if stated is not None:
        return stated
    return int(store.read_text(store.RUN + '/dom0_mib', '0') or 0) or total_mib() - OVERHEAD_MIB


def dom0_vcpus():
    found = re.search(r'(?:^|\s)dom0_max_vcpus=(\d+)', command_line())
    cpus = os.cpu_count() or 1
    return min(int(found.group(1)), cpus) if found else cpus


def _unused_mib():
    """Below zero while a guest exists whose memory dom0 has still to give."""
    guests = sum(store.memory_mib(domid) + GUEST_OVERHEAD_MIB for domid in store.domids())
    return total_mib() - OVERHEAD_MIB - dom0_mib() - guests


def free_mib():
    return max(0, _unused_mib())


def balloon_for(mib):
    """autoballoon="auto": dom0 gives memory to a domain just made only when dom0_mem is not stated."""
    missing = mib - _unused_mib()
    if stated_dom0_mib() is None and 0 < missing <= dom0_mib() - DOM0_LEAST_MIB:
        store.write_text(store.RUN + '/dom0_mib', str(dom0_mib() - missing))


def uptime_s():
    try:
        return max(0.0, time.time() - os.stat(store.path('/run/mock/xen-booted')).st_mtime)
    except FileNotFoundError:
        return 0.0


def dom0_cpu_seconds():
    return 8 + uptime_s() * 0.05


def info(numa):
    cpus = os.cpu_count() or 1
    free, total = free_mib(), total_mib()
    rows = [
        ('host', platform.node()), ('release', platform.release()), ('version', platform.version()),
        ('machine', platform.machine()), ('nr_cpus', cpus), ('max_cpu_id', cpus - 1), ('nr_nodes', 1),
        ('cores_per_socket', cpus), ('threads_per_core', 1), ('cpu_mhz', '2445.430'),
        ('hw_caps', '078bf3fd:80982201:20100800:00000005:00000000:00000000:00000000:00000000'),
        ('virt_caps', 'pv hvm hap gnttab-v1 gnttab-v2'), ('total_memory', total), ('free_memory', free),
        ('sharing_freed_memory', 0), ('sharing_used_memory', 0), ('outstanding_claims', 0), ('free_cpus', 0),
    ]
    lines = [f'{key:<23}: {value}' for key, value in rows]
    if numa:
        lines += ['cpu_topology           :', 'cpu:    core    socket     node']
        lines += [f'{cpu:3d}:    {cpu:4d}     {0:4d}     {0:4d}' for cpu in range(cpus)]
        lines += ['device topology        :', 'device           node', 'No device topology data available',
                  'numa_info              :', 'node:    memsize    memfree    distances',
                  f'{0:4d}:    {total:7d}    {free:7d}      10']
    major, minor, extra = VERSION.split('.')
    rows = [
        ('xen_major', major), ('xen_minor', minor), ('xen_extra', f'.{extra}'), ('xen_version', VERSION),
        ('xen_caps', 'xen-3.0-x86_64 hvm-3.0-x86_32 hvm-3.0-x86_32p hvm-3.0-x86_64 '),
        ('xen_scheduler', 'credit2'), ('xen_pagesize', 4096), ('platform_params', 'virt_start=0xffff800000000000'),
        ('xen_changeset', ''), ('xen_commandline', command_line()),
        ('cc_compiler', 'gcc (GCC) 15.1.1 20250425 (Red Hat 15.1.1-1)'), ('cc_compile_by', 'mockbuild'),
        ('cc_compile_domain', '[unknown]'), ('cc_compile_date', 'Wed May  7 00:00:00 UTC 2025'),
        ('build_id', '151b373fd64b321593bf987fd923cd10dabadac4'), ('xend_config_format', 4),
    ]
    return lines + [f'{key:<23}: {value}' for key, value in rows]


def dmesg():
    return [
        f'(XEN) Xen version {VERSION} (mockbuild@[unknown]) (gcc (GCC) 15.1.1 20250425 (Red Hat 15.1.1-1)) debug=n Wed May  7 00:00:00 UTC 2025',
        '(XEN) build-id: 151b373fd64b321593bf987fd923cd10dabadac4',
        '(XEN) Bootloader: GRUB 2.12',
        f'(XEN) Command line: {command_line()}',
        f'(XEN) System RAM: {total_mib()}MB ({total_mib() * 1024}kB)',
        '(XEN) Using scheduler: SMP Credit Scheduler rev2 (credit2)',
        '(XEN) HVM: Hardware Assisted Paging (HAP) detected',
        f'(XEN) Dom0 has maximum {dom0_vcpus()} VCPUs',
    ]
