"""What is done to a domain: build it, stop and continue it, destroy it. Printed words are the callers' matter."""
import os
import signal
import socket
import sys
import time

import guest
import net
import store

HERE = os.path.dirname(os.path.abspath(__file__))


def say(*lines):
    """One write, so that the lines of two ends of a migration do not split inside."""
    os.write(2, ('\n'.join(lines) + '\n').encode())


def destruction_failed(domid):
    """The three lines that end every failed creation, whatever its cause."""
    return [
        f'libxl: error: libxl_domain.c:1183:libxl__destroy_domid: Domain {domid}:Non-existant domain',
        f'libxl: error: libxl_domain.c:1137:domain_destroy_callback: Domain {domid}:Unable to destroy guest',
        f'libxl: error: libxl_domain.c:1064:domain_destroy_cb: Domain {domid}:Destruction of domain failed',
    ]


def name_taken(domid, name):
    return f'libxl: error: libxl_domain.c:81:libxl__domain_rename: Domain {domid}:Domain with name "{name}" already exists.'


def cannot_make(domid, name):
    return [
        name_taken(domid, name),
        f'libxl: error: libxl_create.c:1296:initiate_domain_create: Domain {domid}:cannot make domain: -6',
        f'libxl: error: libxl_xshelp.c:206:libxl__xs_read_mandatory: xenstore read failed: `/libxl/{domid}/type\': No such file or directory',
        f'libxl: warning: libxl_dom.c:49:libxl__domain_type: unable to get domain type for domid={domid}, assuming HVM',
    ]


def missing_disk(domid, config):
    """The lines for the first disk that is not there, or []."""
    for index, disk in enumerate(config.get('disks') or []):
        if not os.path.exists(disk['pdev_path']):
            return [
                f'libxl: error: libxl_device.c:455:libxl__device_disk_set_backend: Disk vdev={disk["vdev"]} failed to stat: {disk["pdev_path"]}: No such file or directory',
                f'libxl: error: libxl_create.c:1318:initiate_domain_create: Domain {domid}:Unable to set disk defaults for disk {index}',
            ]
    return []


def missing_bridge(domid, config, pid):
    for nic in config.get('nics') or []:
        if not net.bridge_exists(nic['bridge']):
            failed = f'libxl: error: libxl_device.c:1337:device_hotplug_child_death_cb: script: Could not find bridge device {nic["bridge"]}'
            script = 'libxl: error: libxl_exec.c:117:libxl_report_child_exitstatus: /etc/xen/scripts/vif-bridge'
            return [
                f'{script} online [{pid}] exited with error status 1', failed,
                f'libxl: error: libxl_create.c:1921:domcreate_attach_devices: Domain {domid}:unable to add vif devices',
                f'{script} offline [{pid + 41}] exited with error status 1', failed,
            ]
    return []


def spawn(domid, state):
    """Starts the guest's process, prepared and stopped, its network shut. Returns its pid."""
    config = store.config_of(domid)
    guest.write_state(domid, state)
    ours, theirs = socket.socketpair()
    theirs.set_inheritable(True)
    argv = ['/usr/bin/python3', '-ISB' if sys.dont_write_bytecode else '-IS', HERE + '/guest.py', str(domid), str(theirs.fileno())]
    nic = (config.get('nics') or [None])[0]
    wired = bool(nic) and net.enabled()
    if wired:
        argv = ['/usr/bin/unshare', '--net', '--', *argv]
    log = os.open(store.directory(domid) + '/log', os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    null = os.open('/dev/null', os.O_RDWR)
    pid = os.posix_spawn(argv[0], argv, dict(os.environ), setsid=True, file_actions=[
        (os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, log, 2)])
    theirs.close()
    os.close(log)
    os.close(null)
    if wired:
        ours.recv(16)
        net.make_pair(domid, pid)
        ours.send(b'pair')
        ours.recv(16)
        net.attach(domid, nic['bridge'])
        net.gate_of(domid).shut()
        ours.send(b'shut')
    ready = ours.recv(16)
    ours.close()
    if ready == b'ready':
        os.waitpid(pid, os.WUNTRACED)
    store.change(domid, pid=pid)
    return pid


def stopped(pid):
    """Whether the process can run no more user code."""
    stat = store.read_text(f'/proc/{pid}/stat')
    return not stat or stat[stat.rindex(')') + 2] in 'TtZX'


def wait_stopped(pid, within_s):
    deadline = time.monotonic() + within_s
    while not stopped(pid) and time.monotonic() < deadline:
        time.sleep(0.0002)


def signal_guest(status, number):
    pid = status.get('pid')
    if pid:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def halt(domid):
    signal_guest(store.status_of(domid), signal.SIGSTOP)
    net.gate_of(domid).shut()


def go(domid):
    net.gate_of(domid).open()
    signal_guest(store.status_of(domid), signal.SIGCONT)


def destroy(domid):
    """Process, namespace, vif and every trace. A process that was never ours to wait for is reaped by init."""
    status = store.status_of(domid)
    signal_guest(status, signal.SIGKILL)
    net.delete(domid)
    store.remove(domid)
    if status.get('pid'):
        try:
            os.waitpid(status['pid'], 0)
        except ChildProcessError:
            pass


def detached(work):
    """Runs work() in a process of its own that outlives this one and holds none of its streams."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            null = os.open('/dev/null', os.O_RDWR)
            for fd in (0, 1, 2):
                os.dup2(null, fd)
            os.closerange(3, 64)
            try:
                work()
            finally:
                os._exit(0)
        os._exit(0)
    os.wait()


def log_line(name, text):
    folder = store.path('/var/log/xen')
    os.makedirs(folder, exist_ok=True)
    with open(f'{folder}/xl-{name}.log', 'a', encoding='utf-8') as stream:
        stream.write(text + '\n')


def fail(*lines, code=1):
    if lines:
        say(*lines)
    sys.stdout.flush()
    sys.exit(code)
