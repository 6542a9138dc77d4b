"""The user space of one mock guest. Started by domain.py, which knows when to stop and continue it.

It prepares everything (network, sockets, disk), stops itself, and lives from the first SIGCONT on: a gratuitous ARP,
then a heartbeat at absolute deadlines and a disk record every 100 ms. Its counters are in a mapped file, so that
whoever stops it can read them and a copy of it on another host can go on from them. So is the origin of its clock, the
moment of the host's clock at which its own was 0: whoever lets it go on after a suspension moves the origin, and the
suspension did not happen for the guest's clock, as with a true one.
"""
import json
import mmap
import os
import signal
import socket
import struct
import sys
import time
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import net  # noqa: E402
import store  # noqa: E402

STATE = struct.Struct('<36s4xQQQqQQQ')
FIELDS = ('boot_id', 'seq', 'records', 'errors', 'origin_ns', 'flags', 'announced_ns', 'announced_done_ns')
SEQ, RECORDS, ORIGIN, ANNOUNCED = 40, 48, 64, 80
QUIET = 1
SIZE = 4096
RECORD = struct.Struct('<8sQ36sQ')
RECORD_BYTES, AREA_BYTES = 512, 1 << 20
RECORD_EVERY_NS = 100_000_000
LATE_NS = 50_000_000


def state_file(domid):
    return store.directory(domid) + '/guest.state'


def read_state(domid):
    with open(state_file(domid), 'rb') as stream:
        state = dict(zip(FIELDS, STATE.unpack(stream.read(STATE.size))))
    return {**state, 'boot_id': state['boot_id'].decode()}


def write_state(domid, state):
    """In place: the guest has the file mapped."""
    data = STATE.pack(state['boot_id'].encode(), *(state[field] for field in FIELDS[1:]))
    fd = os.open(state_file(domid), os.O_RDWR | os.O_CREAT, 0o600)
    if os.fstat(fd).st_size < SIZE:
        os.ftruncate(fd, SIZE)
    os.pwrite(fd, data, 0)
    os.close(fd)


def fresh_state():
    """An origin of 0 stands for a clock that begins when the guest does."""
    with open('/proc/sys/kernel/random/uuid', encoding='ascii') as stream:
        return {**dict.fromkeys(FIELDS, 0), 'boot_id': stream.read().strip()}


class Clock:
    """The clock of one domain's guest, as whoever stops the guest and lets it go on sees it."""

    def __init__(self, domid):
        self._fd = os.open(state_file(domid), os.O_RDWR | os.O_CLOEXEC)

    def read_ns(self):
        return time.monotonic_ns() - struct.unpack('<q', os.pread(self._fd, 8, ORIGIN))[0]

    def go_on_from(self, own_ns):
        os.pwrite(self._fd, struct.pack('<q', time.monotonic_ns() - own_ns), ORIGIN)


class Disk:
    """Numbered, checksummed records in a ring in the last MiB of the disk; each is read back."""

    def __init__(self, path):
        self._path = path
        self._fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        size = os.lseek(self._fd, 0, os.SEEK_END)
        area = min(AREA_BYTES, size // 2)
        self._slots = max(1, area // RECORD_BYTES)
        self._start = max(0, (size - self._slots * RECORD_BYTES) // 4096 * 4096)

    def _offset(self, number):
        return self._start + number % self._slots * RECORD_BYTES

    def append(self, number, boot_id, monotonic_ms):
        head = RECORD.pack(b'BENCHREC', number, boot_id, monotonic_ms)
        body = head + struct.pack('<I', zlib.crc32(head))
        data = body.ljust(RECORD_BYTES, b'\0')
        try:
            os.stat(self._path)
            os.pwrite(self._fd, data, self._offset(number))
            return os.pread(self._fd, RECORD_BYTES, self._offset(number)) == data
        except OSError:
            return False

    def holds(self, number, boot_id):
        """Whether the record that this guest wrote last, maybe through another host, is there and whole."""
        data = os.pread(self._fd, RECORD_BYTES, self._offset(number))
        head = data[:RECORD.size]
        if len(data) < RECORD_BYTES or RECORD.unpack(head)[:3] != (b'BENCHREC', number, boot_id):
            return False
        return struct.unpack_from('<I', data, RECORD.size)[0] == zlib.crc32(head)


def gratuitous_arp(mac, address):
    """An opened packet socket and the frame that tells every switch where the guest now is."""
    raw = bytes(int(byte, 16) for byte in mac.split(':'))
    ip = socket.inet_aton(address.split('/')[0])
    broadcast = b'\xff' * 6
    frame = broadcast + raw + b'\x08\x06' + struct.pack('>HHBBH', 1, 0x0800, 6, 4, 1) + raw + ip + b'\0' * 6 + ip
    packet = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    packet.bind(('eth0', 0))
    return packet, frame


def live(words, state, announce, disk, udp):
    name = words.get('name', '-')
    host, _, port = words.get('observer', '').rpartition(':')
    target = (host, int(port)) if host else None
    period = max(500_000, int(float(words.get('heartbeat_ms', '5')) * 1e6))
    boot_id, seq, records, errors, origin_ns, flags, _, _ = STATE.unpack_from(state)
    clock, sleep, pack, unpack = time.monotonic_ns, time.sleep, struct.pack_into, struct.unpack_from
    if not origin_ns:
        pack('<q', state, ORIGIN, clock())
    prefix = f'bench-heartbeat 1 {name} {boot_id.decode()} '
    if announce and not flags & QUIET:
        packet, frame = announce
        begun = time.time_ns()
        for again in (False, True):
            try:
                packet.send(frame)
                if not again:
                    pack('<QQ', state, ANNOUNCED, begun, time.time_ns())
            except OSError:
                pass
    record_due = clock() - unpack('<q', state, ORIGIN)[0]
    due = -(-record_due // period) * period
    if disk and records and not disk.holds(records - 1, boot_id):
        errors += 1
    while True:
        own_ns = clock() - unpack('<q', state, ORIGIN)[0]
        if own_ns < due:
            sleep((due - own_ns) / 1e9)
            continue
        # Counted before it is sent: whoever stops us in between loses one beat and never sends one twice.
        pack('<Q', state, SEQ, seq + 1)
        if target:
            try:
                udp.sendto(f'{prefix}{seq} {own_ns // 1_000_000} {records} {errors}'.encode(), target)
            except OSError:
                pass
        seq += 1
        due += period
        if own_ns - due > LATE_NS:
            due = (own_ns // period + 1) * period
        if disk and own_ns >= record_due:
            if disk.append(records, boot_id, own_ns // 1_000_000):
                records += 1
            else:
                errors += 1
            pack('<QQ', state, RECORDS, records, errors)
            record_due = max(record_due + RECORD_EVERY_NS, own_ns)


def main(domid, fd):
    # A shell that ran xl may have had pipes open; a guest that kept them would keep their readers waiting.
    os.closerange(3, fd)
    os.closerange(fd + 1, 1024)
    channel = socket.socket(fileno=fd)
    config = store.config_of(domid)
    words = store.bench_words(config)
    nic = (config.get('nics') or [None])[0]
    announce = None
    if nic and net.enabled():
        channel.send(b'namespace')
        channel.recv(16)
        net.configure_inside(nic['mac'], '')
        channel.send(b'link')
        channel.recv(16)
        if words.get('ip'):
            net.run_ip(f'addr add {words["ip"]} dev eth0\n')
            announce = gratuitous_arp(nic['mac'], words['ip'])
    disks = config.get('disks') or []
    disk = Disk(disks[0]['pdev_path']) if disks and disks[0].get('readwrite') else None
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.setblocking(False)
    with open(state_file(domid), 'r+b') as stream:
        state = mmap.mmap(stream.fileno(), SIZE)
    import gc
    gc.disable()
    channel.send(b'ready')
    channel.close()
    os.kill(os.getpid(), signal.SIGSTOP)
    live(words, state, announce, disk, udp)


if __name__ == '__main__':
    main(int(sys.argv[1]), int(sys.argv[2]))
