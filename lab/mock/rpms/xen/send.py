"""xl migrate, the sender: pre-copy by a geometric model, suspension, stop-and-copy, handover."""
import gc
import os
import signal
import time

import debug
import domain
import guest
import host
import net
import store
import truth
import usage
import wire
from domain import fail, say
from listing import need

LEAST_DIRTY_PAGES, MOST_ROUNDS, PAGES_A_MIB, IDLE_PAGES = 50, 5, 256, 10
AUTO_EXTRA_S = 0.020
# A true guest takes some time between its acknowledgement and its suspension; it lets readers of the lines catch up.
REACTION_S = 0.003
HANDSHAKE_LOST = (
    '** Migration failed during final handshake **', 'Domain state is now undefined !',
    'Please CHECK AT BOTH ENDS for running instances, before renaming and',
    ' resuming at most one instance.  Two simultaneous instances of the domain',
    ' would probably result in SEVERE DATA LOSS and it is now your',
    ' responsibility to avoid that.  Sorry.',
)


def truncated(what):
    return f'libxl: error: libxl_utils.c:505:libxl_read_exactly: file/stream truncated reading {what} from migration receiver stream'


class Migration:
    """One try to move one domain; the steps are called in order by migrate()."""

    def __init__(self, domid, verbose):
        self.domid, self.verbose = domid, verbose
        self.name, self.config = store.name_of(domid), store.config_of(domid)
        self.pid = store.status_of(domid).get('pid')
        self.knobs = host.knobs()
        self.bandwidth_pages = float(self.knobs['bandwidth_mib_per_s']) * PAGES_A_MIB
        self.gate, self.clock, self.clock_ns = net.gate_of(domid), guest.Clock(domid), None
        self.reader = wire.Reader(8)
        self.transport = int(os.environ['MOCK_XL_TRANSPORT'])
        self.was_suspended = store.status_of(domid).get('shutdown') == store.SUSPENDED
        self.truth = {'role': 'source', 'guest': self.name, 'domid': domid, 'started': float(os.environ['MOCK_XL_BEGAN']),
                      'suspended': None, 'link_down': None, 'finished': None, 'outcome': 'failed', 'rounds': []}

    def debug(self, lines):
        if self.verbose >= 3:
            say(*([lines] if isinstance(lines, str) else lines))

    def end(self, code):
        if not self.truth['finished']:
            self.truth['finished'] = truth.stamp()
        truth.record(self.truth)
        self.debug(debug.FREED)
        return code

    def transport_ended(self):
        """Reports how the transport ended, as libxl does, when it ended badly."""
        for fd in (9, 8):
            os.close(fd)
        status = os.waitpid(self.transport, 0)[1]
        line = f'libxl: info: libxl_exec.c:117:libxl_report_child_exitstatus: migration transport process [{self.transport}]'
        if os.WIFSIGNALED(status):
            say(f'{line} died due to fatal signal {signal.strsignal(os.WTERMSIG(status))}')
        elif os.WEXITSTATUS(status):
            say(f'{line} exited with error status {os.WEXITSTATUS(status)}')

    def await_banner(self):
        try:
            self.reader.exactly(len(wire.BANNER))
        except wire.Gone:
            say(truncated('banner'))
            self.transport_ended()
            return False
        return True

    def begin(self):
        opening, length = wire.opening(self.config)
        say(f'Saving to migration stream new xl format (info 0x3/0x0/{length})')
        self.debug(debug.saving(self.domid))
        wire.write(9, opening)
        if self.verbose:
            say(f'xc: detail: fd 15, dom {self.domid}, flags 1, hvm 1')
        say(f'xc: info: Saving domain {self.domid}, type x86 HVM')

    def dirtied(self, seconds):
        """Pages that the guest writes in that time: its rate, less what its cap takes, within its working set."""
        words = store.bench_words(self.config)
        share = store.used_percent(self.config) / (store.wanted_percent(self.config) or 1)
        written = float(words.get('dirty_mib_per_s', '0') or 0) * share * seconds
        return IDLE_PAGES + int(min(written, float(words.get('dirty_mib', '0') or 0)) * PAGES_A_MIB)

    def copy(self, pages, paced=True):
        """One round, at the bandwidth when paced; Gone when the receiver ends meanwhile."""
        began, sent = time.monotonic(), 0
        for count, data in wire.page_batches(pages):
            wire.write(9, data)
            sent += count
            if paced and self.reader.closed_within(began + sent / self.bandwidth_pages - time.monotonic()):
                raise wire.Gone
        seconds = time.monotonic() - began
        self.truth['rounds'].append({'pages': pages, 'mib': round(pages / PAGES_A_MIB, 3), 'seconds': round(seconds, 6)})
        return seconds

    def precopy(self):
        """All rounds but the last; returns the pages left for it."""
        pages, rounds = max(1, store.memory_mib(self.domid)) * PAGES_A_MIB, 0
        while True:
            dirty = self.dirtied(self.copy(pages))
            rounds += 1
            if dirty < LEAST_DIRTY_PAGES or rounds >= MOST_ROUNDS:
                return dirty
            pages = dirty

    def pause_s(self, last_pages):
        stated = self.knobs['pause_ms']
        return last_pages / self.bandwidth_pages + AUTO_EXTRA_S if stated == 'auto' else float(stated) / 1000

    def suspend(self):
        """The guest's user space and network stop between two prints; returns the moment, of the monotonic clock."""
        domid = self.domid
        self.debug(debug.suspend_request(domid))
        self.debug(debug.acknowledged(domid))
        time.sleep(REACTION_S)
        moment = time.monotonic()
        truth.act(self.truth, 'suspended', lambda: domain.signal_guest({'pid': self.pid}, signal.SIGSTOP))
        self.clock_ns = self.clock.read_ns()
        truth.act(self.truth, 'link_down', self.gate.shut)
        domain.wait_stopped(self.pid, 0.05)
        self.debug(debug.suspended(domid))
        return moment

    def stop_and_copy(self, last_pages):
        moment = self.suspend()
        pause_s = self.pause_s(last_pages)
        self.truth['pause_ms'] = round(pause_s * 1000, 3)
        # All hosts of the mock lab are containers of one kernel: its monotonic clock is theirs.
        context = {'unpause_at': moment + pause_s, 'fault': self.knobs['fault'], 'no_arp_ms': self.knobs['no_arp_ms'],
                   'state': guest.read_state(self.domid), 'clock_ns': self.clock_ns}
        self.copy(last_pages, paced=False)
        wire.write(9, wire.closing(context))
        store.change(self.domid, shutdown=store.SUSPENDED)
        self.debug(debug.SAVED)

    def resume(self):
        store.change(self.domid, shutdown=None)
        self.gate.open()
        if self.clock_ns is not None:
            self.clock.go_on_from(self.clock_ns)
        domain.signal_guest({'pid': self.pid}, signal.SIGCONT)

    def broken_transfer(self):
        domid = self.domid
        say(f'libxl: error: libxl_utils.c:505:libxl_read_exactly: file/stream truncated reading ipc msg header from domain {domid} save/restore helper stdout pipe',
            f'libxl: error: libxl_exec.c:127:libxl_report_child_exitstatus: domain {domid} save/restore helper [{os.getpid() + 9}] died due to fatal signal Broken pipe',
            'migration sender: libxl_domain_suspend failed (rc=-3)')
        self.transport_ended()
        say('Migration failed, resuming at sender.')
        if self.truth['suspended'] or self.was_suspended:
            self.resume()
        else:
            say(f'xc: error: Dom {domid} not suspended: (shutdown 0, reason 255): Internal error',
                f'libxl: error: libxl_dom_suspend.c:666:domain_resume_done: Domain {domid}:xc_domain_resume failed: Invalid argument')
        return 1

    def no_ready_message(self):
        say(truncated('ready message'))
        self.transport_ended()
        say('Migration failed, resuming at sender.')
        self.resume()
        return 1

    def hand_over(self):
        """From the target's acknowledgement on; after the permission there is no way back."""
        try:
            self.reader.exactly(len(wire.READY))
        except wire.Gone:
            return self.no_ready_message()
        say('migration sender: Target has acknowledged transfer.')
        store.rename(self.domid, f'{self.name}--migratedaway')
        say('migration sender: Giving target permission to start.')
        try:
            if self.knobs['fault'] == 'handover':
                os.kill(self.transport, signal.SIGTERM)
            else:
                wire.write(9, wire.GO)
            status = self.reader.exactly(len(wire.REPORT) + 1)[-1]
        except wire.Gone:
            say(truncated('success/failure report message'), *HANDSHAKE_LOST)
            self.transport_ended()
            return 1
        return self.failed_at_target(status) if status else self.succeeded()

    def failed_at_target(self, status):
        say(f'migration sender: Target reports startup failure (status code {status}).')
        try:
            self.reader.exactly(len(wire.GO))
        except wire.Gone:
            say(truncated('permission message'), *HANDSHAKE_LOST)
            self.transport_ended()
            return 1
        say('migration sender: Trying to resume at our end.')
        store.rename(self.domid, self.name)
        self.resume()
        say('migration sender: Resumed OK.', 'Migration failed due to problems at target.')
        return 1

    def succeeded(self):
        say('migration sender: Target reports successful startup.')
        self.truth['outcome'] = 'ok'
        if self.knobs['fault'] == 'double':
            store.rename(self.domid, self.name)
            self.resume()
        else:
            self.debug(debug.destroying(self.domid))
            domain.destroy(self.domid)
            self.debug(debug.destroyed(self.domid))
        truth.act(self.truth, 'finished', lambda: say('Migration successful.'))
        return 0

    def move(self):
        try:
            self.begin()
            self.stop_and_copy(self.precopy())
        except wire.Gone:
            return self.broken_transfer()
        return self.hand_over()


def migrate(args, verbose):
    """Exit 0 when the guest runs on the other host, else 1."""
    options_with_value = {'-s', '-C'}
    names, skip = [], False
    for arg in args:
        if not skip and not arg.startswith('-'):
            names.append(arg)
        skip = not skip and arg in options_with_value
    if len(names) < 2 or 'MOCK_XL_TRANSPORT' not in os.environ:
        if names:
            need(names[0])
        print(usage.of('migrate'), end='')
        return 1
    domid = need(names[0])
    if domid == 0:
        fail('cannot migrate Domain-0')
    gc.disable()
    move = Migration(domid, verbose)
    move.debug(debug.retrieving(domid))
    if not move.await_banner():
        return move.end(1)
    return move.end(move.move())
