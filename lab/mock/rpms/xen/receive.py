"""xl migrate-receive: the guest is prepared while its pages arrive and only let go at the permission."""
import gc
import json
import os
import signal
import time

import create
import debug
import domain
import guest
import host
import net
import store
import truth
import wire
from domain import destruction_failed, fail, say

LEAD_S = 0.006
ANNOUNCED_WITHIN_S = 2.0
STEP_MIB = 24
EXISTS = 6


class Arrival:
    """One guest on its way in."""

    def __init__(self, config, verbose):
        self.config, self.verbose = config, verbose
        self.name = config['c_info']['name']
        self.incoming = f'{self.name}--incoming'
        self.domid = store.next_domid()
        self.pid = None

    def debug(self, lines):
        if self.verbose >= 3:
            say(*([lines] if isinstance(lines, str) else lines))

    def give_up(self, *lines):
        """Ends before the handover: the copy goes, the words say why."""
        domain.destroy(self.domid)
        fail(*lines, *destruction_failed(self.domid), 'migration target: Domain creation failed (code -3).')

    def make(self):
        if self.verbose:
            say('libxl: detail: libxl_create.c:662:libxl__domain_make: passthrough: disabled')
        config = {**self.config, 'c_info': {**self.config['c_info'], 'name': self.incoming}}
        if not store.add(self.domid, self.incoming, config):
            fail(*domain.cannot_make(self.domid, self.incoming), *destruction_failed(self.domid),
                 'migration target: Domain creation failed (code -3).')
        missing = domain.missing_disk(self.domid, self.config)
        if missing:
            self.give_up(*missing)
        self.debug(debug.restoring(self.domid))
        if self.verbose:
            say(f'xc: detail: fd 11, dom {self.domid}, hvm 1, stream_type 0')
        domain.log_line(self.incoming, f'Waiting for domain {self.incoming} (domid {self.domid}) to die [pid {os.getpid()}]')

    def prepare(self):
        """Process, namespace and vif, stopped and shut. A missing bridge is found only after the restore, as with a true one."""
        self.bridge_errors = domain.missing_bridge(self.domid, self.config, os.getpid() + 20)
        if not self.bridge_errors:
            self.pid = domain.spawn(self.domid, guest.fresh_state())
            self.gate = net.gate_of(self.domid)

    def populate(self, mib):
        """One step of memory; never more than the host has."""
        host.balloon_for(mib - store.memory_mib(self.domid))
        if mib - store.memory_mib(self.domid) > host.free_mib():
            self.give_up(
                'xc: error: Failed to populate physmap (16 = Device or resource busy): Internal error',
                'xc: error: Failed to populate pfns for batch of 1024 pages: Internal error',
                *self.restore_failed('16 = Device or resource busy', 'Device or resource busy'))
        store.write_memory_mib(self.domid, mib)

    def restore_failed(self, reason, text):
        return [f'xc: error: Restore failed ({reason}): Internal error',
                f'libxl: error: libxl_stream_read.c:850:libxl__xc_domain_restore_done: restoring domain: {text}',
                create.cannot_build(self.domid, -3)]

    def restore(self, reader):
        """Reads all records; returns the guest's context."""
        memory_mib = self.config['b_info']['target_memkb'] // 1024
        seen_pages, populated_mib, context = 0, 0, {}
        try:
            while True:
                kind, body = reader.record()
                if kind == wire.END:
                    break
                if kind == wire.HVM_CONTEXT:
                    context = json.loads(body)
                if kind == wire.PAGE_DATA:
                    seen_pages += wire.page_count(body)
                    mib = min(memory_mib, seen_pages // 256)
                    if mib - populated_mib >= STEP_MIB or (mib == memory_mib and populated_mib < mib):
                        self.populate(mib)
                        populated_mib = mib
            reader.record()
        except wire.Gone:
            self.give_up('xc: error: Failed to read Record Header from stream (0 = Success): Internal error',
                         *self.restore_failed('0 = Success', 'Success'))
        return context

    def restored(self):
        if self.verbose:
            say(f'domainbuilder: detail: xc_dom_set_gnttab_entry: d{self.domid} gnt[0] -> d0 0xfefff',
                f'domainbuilder: detail: xc_dom_set_gnttab_entry: d{self.domid} gnt[1] -> d0 0xfeffc')
        say('xc: info: Restore successful', 'xc: info: XenStore: mfn 0xfeffc, dom 0, evt 1',
            'xc: info: Console: mfn 0xfefff, dom 0, evt 2')
        self.debug(debug.hotplug(self.domid))
        if self.bridge_errors:
            self.give_up(*self.bridge_errors)

    def start(self, context, paused):
        """The permission is here. Nothing slow stands between the stated moment and the acts."""
        domid, fault = self.domid, context.get('fault')
        stamps = {'role': 'destination', 'guest': self.name, 'domid': domid, 'link_up': None, 'unpaused': None,
                  'announced': None}
        clock = guest.Clock(domid)

        def go_on():
            clock.go_on_from(context['clock_ns'])
            domain.signal_guest({'pid': self.pid}, signal.SIGCONT)

        if not paused:
            store.change(domid, paused=0, started=time.time())
        self.debug(debug.unpausing(domid))
        sleep_until(context.get('unpause_at', 0))
        if paused:
            return stamps
        if fault in ('no-arp', 'guest-dead'):
            truth.act(stamps, 'unpaused', go_on if fault == 'no-arp' else lambda: None)
            return stamps
        truth.act(stamps, 'link_up', self.gate.open)
        truth.act(stamps, 'unpaused', go_on)
        return stamps

    def await_announcement(self, stamps):
        """The guest writes down itself when it has told the network where it is."""
        if not (net.enabled() and self.config.get('nics') and store.bench_words(self.config).get('ip')):
            return
        deadline = time.monotonic() + ANNOUNCED_WITHIN_S
        while stamps['link_up'] and not stamps['announced'] and time.monotonic() < deadline:
            try:
                state = guest.read_state(self.domid)
            except OSError:
                return
            if state['announced_done_ns']:
                stamps['announced'] = state['announced_ns'] / 1e9
                stamps['announced_done'] = state['announced_done_ns'] / 1e9
            else:
                time.sleep(0.01)

    def refuse_name(self):
        wire.write(1, wire.REPORT + bytes([EXISTS]))
        say('migration target: Failure, destroying our copy.')
        domain.destroy(self.domid)
        say('migration target: Cleanup OK, granting sender permission to resume.')
        wire.write(1, wire.GO)
        return 1


def sleep_until(moment):
    left = moment - time.monotonic()
    if left > 0:
        time.sleep(left)


def found_late(arrival, context, stamps):
    """fault=no-arp: the network sends the guest's frames to its old place for a while."""
    def learn():
        time.sleep(float(context.get('no_arp_ms', 800)) / 1000)
        net.gate_of(arrival.domid).open()
        truth.record({**stamps, 'link_up': truth.stamp()})

    domain.detached(learn)


def receive(args, verbose):
    for number in (signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    say('migration target: Ready to receive domain.')
    wire.write(1, wire.BANNER)
    reader = wire.Reader(0)
    try:
        config, length = wire.read_opening(reader)
    except wire.Gone:
        fail('libxl: error: libxl_utils.c:505:libxl_read_exactly: file/stream truncated reading savefile header from migration stream')
    say(f'Loading new save file <incoming migration stream> (new xl fmt info 0x3/0x0/{length})',
        ' Savefile contains xl domain config in JSON format', 'Parsing config from <saved>')
    gc.disable()
    arrival = Arrival(config, verbose)
    arrival.make()
    try:
        wire.read_image_header(reader)
    except wire.Gone:
        arrival.give_up('xc: error: Failed to read Record Header from stream (0 = Success): Internal error',
                        *arrival.restore_failed('0 = Success', 'Success'))
    say('xc: info: Found x86 HVM domain from Xen 4.19', 'xc: info: Restoring domain')
    arrival.prepare()
    context = arrival.restore(reader)
    arrival.restored()
    state = context['state']
    state.update(flags=guest.QUIET if context.get('fault') == 'no-arp' else 0, announced_ns=0, announced_done_ns=0)
    guest.write_state(arrival.domid, state)
    sleep_until(context['unpause_at'] - LEAD_S)
    say('migration target: Transfer complete, requesting permission to start domain.')
    wire.write(1, wire.READY)
    try:
        reader.exactly(len(wire.GO))
    except wire.Gone:
        return 1
    say('migration target: Got permission, starting domain.')
    if not store.rename(arrival.domid, arrival.name):
        say(domain.name_taken(arrival.domid, arrival.name))
        return arrival.refuse_name()
    stamps = arrival.start(context, '-p' in args)
    say('migration target: Domain started successsfully.')
    wire.write(1, wire.REPORT + b'\0')
    if context.get('fault') == 'no-arp':
        found_late(arrival, context, stamps)
    else:
        arrival.await_announcement(stamps)
        truth.record(stamps)
    return 0
