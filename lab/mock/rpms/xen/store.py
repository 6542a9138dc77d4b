"""What the mock hypervisor knows: one directory a domain under /run/mock/xen/domains, gone at reboot as with a true one.

domains/N/name         the name, one line (bash reads it too)
domains/N/config.json  the configuration in libxl's JSON, as `xl list -l` prints it
domains/N/status.json  pid of the guest, pause count, shutdown reason, CPU accounting
domains/N/mem          MiB populated so far
domains/N/guest.state  the guest's own counters, mapped by the guest
"""
import contextlib
import fcntl
import json
import os
import shutil
import time

SUSPENDED = 2
NO_DOMID = 4294967295


def path(absolute):
    return os.environ.get('MOCK_ROOT', '') + absolute


RUN = path('/run/mock/xen')
DOMAINS = RUN + '/domains'


def directory(domid):
    return f'{DOMAINS}/{domid}'


@contextlib.contextmanager
def locked():
    """Every change of names, ids and status happens under this one lock."""
    os.makedirs(DOMAINS, exist_ok=True)
    fd = os.open(RUN + '/lock', os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def read_text(file, default=''):
    try:
        with open(file, encoding='utf-8') as stream:
            return stream.read()
    except FileNotFoundError:
        return default


def write_text(file, text):
    """Readers see the old text or the new one, never a part."""
    temporary = f'{file}.{os.getpid()}'
    with open(temporary, 'w', encoding='utf-8') as stream:
        stream.write(text)
    os.replace(temporary, file)


def next_domid():
    """Ids count up and are used up by failures too."""
    with locked():
        domid = int(read_text(RUN + '/last_domid', '0')) + 1
        write_text(RUN + '/last_domid', str(domid))
        return domid


def domids():
    try:
        return sorted(int(name) for name in os.listdir(DOMAINS) if name.isdigit())
    except FileNotFoundError:
        return []


def name_of(domid):
    """None when there is no such domain."""
    if domid == 0:
        return 'Domain-0'
    text = read_text(directory(domid) + '/name', None)
    return None if text is None else text.rstrip('\n')


def find_by_name(name):
    if name == 'Domain-0':
        return 0
    for domid in domids():
        if name_of(domid) == name:
            return domid
    return None


def find(word):
    """Domain id of a name or of digits, else None."""
    if word.isdigit():
        return int(word) if int(word) == 0 or int(word) in domids() else None
    return find_by_name(word)


def config_of(domid):
    return json.loads(read_text(directory(domid) + '/config.json', '{}'))


def write_config(domid, config):
    write_text(directory(domid) + '/config.json', json.dumps(config))


def status_of(domid):
    return json.loads(read_text(directory(domid) + '/status.json', '{}'))


def write_status(domid, status):
    write_text(directory(domid) + '/status.json', json.dumps(status))


def memory_mib(domid):
    return int(read_text(directory(domid) + '/mem', '0') or '0')


def write_memory_mib(domid, mib):
    write_text(directory(domid) + '/mem', str(mib))


def add(domid, name, config):
    """Makes the domain, paused and without memory. False when the name is taken."""
    with locked():
        if find_by_name(name) is not None:
            return False
        os.makedirs(directory(domid))
        now = time.monotonic()
        write_config(domid, config)
        write_status(domid, {'paused': 1, 'cpu_s': 0.0, 'cpu_at': now, 'created_at': now, 'started': time.time()})
        write_memory_mib(domid, 0)
        write_text(directory(domid) + '/name', name + '\n')
        return True


def remove(domid):
    with locked():
        shutil.rmtree(directory(domid), ignore_errors=True)


def rename(domid, name):
    """False when another domain has the name."""
    with locked():
        holder = find_by_name(name)
        if holder is not None and holder != domid:
            return False
        write_text(directory(domid) + '/name', name + '\n')
        config = config_of(domid)
        config['c_info']['name'] = name
        write_config(domid, config)
        return True


def is_running(status):
    return not status.get('paused') and status.get('shutdown') is None


def bench_words(config):
    """The guest's own words on its kernel command line: bench.name=g1 becomes name: g1."""
    words = config.get('b_info', {}).get('cmdline', '').split()
    return dict(word[6:].split('=', 1) for word in words if word.startswith('bench.') and '=' in word)


def cap_percent(config):
    return int(config.get('b_info', {}).get('sched_params', {}).get('cap', 0))


def wanted_percent(config):
    """CPU that the guest would use without a cap, in per cent of one CPU."""
    words = bench_words(config)
    vcpus = int(config.get('b_info', {}).get('max_vcpus', 1))
    busy = float(words.get('dirty_mib_per_s', '0') or 0) > 0
    load = float(words.get('load', '100' if busy else '2'))
    return min(load, 100.0 * vcpus)


def used_percent(config):
    wanted, cap = wanted_percent(config), cap_percent(config)
    return min(wanted, cap) if cap else wanted


def cpu_seconds(status, config, now=None):
    elapsed = (time.monotonic() if now is None else now) - status.get('cpu_at', 0)
    return status.get('cpu_s', 0.0) + (elapsed * used_percent(config) / 100 if is_running(status) else 0.0)


def change(domid, **fields):
    """Writes status fields; the CPU time used so far is settled at the old state first."""
    with locked():
        status = status_of(domid)
        now = time.monotonic()
        status['cpu_s'] = cpu_seconds(status, config_of(domid), now)
        status['cpu_at'] = now
        status.update(fields)
        write_status(domid, status)
        return status
