"""destroy, shutdown, reboot, pause, unpause, rename."""
import time

import create
import domain
import host
import store
from domain import destruction_failed, fail, say
from listing import need

POWEROFF, REBOOT = 0, 1


def destroy(args):
    force = '-f' in args
    word = [arg for arg in args if arg != '-f'][0]
    if word.isdigit() and store.find(word) is None:
        fail(*destruction_failed(int(word)), 'destroy failed (rc=-21)')
    domid = need(word)
    if domid == 0 and not force:
        fail('Not destroying domain 0; use -f to force.',
             'This can only be done when using a disaggregated hardware domain and toolstack.', '')
    domain.destroy(domid)
    return 0


def pause(args):
    domid = need(args[0])
    with store.locked():
        status = store.status_of(domid)
        status['cpu_s'] = store.cpu_seconds(status, store.config_of(domid))
        status.update(cpu_at=time.monotonic(), paused=status.get('paused', 0) + 1)
        store.write_status(domid, status)
    domain.halt(domid)
    return 0


def unpause(args):
    """Counted, as pauses are. A domain suspended for a migration stays so, with exit 0 as the true one."""
    domid = need(args[0])
    status = store.status_of(domid)
    if status.get('shutdown') is not None or not status.get('paused'):
        say(f'libxl: error: libxl_domain.c:688:domain_unpause_done: Domain {domid}:Unpausing domain: Invalid argument')
        return 0
    left = status['paused'] - 1
    store.change(domid, paused=left)
    if left == 0:
        domain.go(domid)
        if status.get('pending') is not None:
            _carry_out(domid, status['pending'])
    return 0


def _carry_out(domid, reason):
    """The guest obeys: it stops, stays listed for a moment, and is then destroyed or started anew."""
    name, config = store.name_of(domid), store.config_of(domid)
    domain.halt(domid)
    store.change(domid, shutdown=reason, paused=1, pending=None)
    domain.log_line(name, f'Domain {domid} has shut down, reason code {reason} {reason:#x}')
    action = config.get('on_reboot', 'destroy') if reason == REBOOT else config.get('on_poweroff', 'destroy')
    domain.log_line(name, f'Action for shutdown reason code {reason} is {action}')
    if action == 'preserve':
        return

    def clean_up():
        time.sleep(float(host.knobs()['settle_s']))
        domain.log_line(name, f'Domain {domid} needs to be cleaned up: destroying the domain')
        if action == 'restart':
            domain.log_line(name, 'Done. Rebooting now')
            create.restart(domid)
        else:
            domain.destroy(domid)
            domain.log_line(name, 'Done. Exiting now')

    domain.detached(clean_up)


def _ask(domid, what, reason):
    say(f'{what} domain {domid}')
    status = store.status_of(domid)
    if not store.is_running(status):
        time.sleep(float(host.knobs()['shutdown_wait_s']))
        store.change(domid, pending=reason)
        fail("libxl: error: libxl_domain.c:854:pvcontrol_cb: guest didn't acknowledge control request: -9",
             f'{"shutdown" if reason == POWEROFF else "reboot"} failed (rc=-9)')
    _carry_out(domid, reason)


def _stop(args, what, reason):
    wait = any(arg in ('-w', '--wait') or (arg[:1] == '-' and arg[1:2] != '-' and 'w' in arg) for arg in args)
    every = any(arg in ('-a', '--all') or (arg[:1] == '-' and arg[1:2] != '-' and 'a' in arg) for arg in args)
    names = [arg for arg in args if not arg.startswith('-')]
    domids = store.domids() if every else [need(names[0])]
    for domid in domids:
        if domid == 0:
            fail(f'{"shutdown" if reason == POWEROFF else "reboot"} failed (rc=-6)')
        _ask(domid, what, reason)
    if wait:
        say(f'Waiting for {len(domids)} domains')
        for domid in domids:
            say(f'Domain {domid} has been shut down, reason code {reason}')
    return 0


def shutdown(args):
    return _stop(args, 'Shutting down', POWEROFF)


def reboot(args):
    return _stop(args, 'Rebooting', REBOOT)


def rename(args):
    domid = need(args[0])
    if not store.rename(domid, args[1]):
        fail(domain.name_taken(domid, args[1]), f"Can't rename domain '{args[0]}'.")
    return 0
