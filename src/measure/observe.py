"""Watches one guest from the observer: python3 -IS - ADDRESS HEARTBEAT_PORT NAME SPACING_MS LIMIT_S SETTLE_MS ABSENT_MS

Sends an ICMP echo request every SPACING_MS by absolute deadlines, straight to the guest's MAC address, and takes its
replies and its heartbeats from a packet socket, before any packet filter, with the kernel's receive stamps. A packet
socket also means that a request is never held back by the kernel while it looks for the guest's address: what is not
answered was lost on its way, and was not merely late.

Lines on standard output, times in microseconds after BASE (CLOCK_REALTIME), rounded so that a bracket only gets wider:
  begin PID BASE_NS MAC SCHEDULING DEVICE
  s BEFORE AFTER        the next request (they count from 0) was sent between these
  r INDEX TIME          its reply came
  b K BOOT_ID           heartbeats of this boot are numbered K from here on
  h TIME K SEQ MONOTONIC_MS RECORDS ERRORS
  k STEP_US             the clock was set by this much against the monotonic clock
  end REASON TIME
  fail TEXT             in place of everything else, exit code 1

SIGUSR1: the migration is over; ends when replies (and heartbeats, where there were any) have come for SETTLE_MS, or when
ABSENT_MS have passed. SIGTERM, LIMIT_S: ends at once.
"""
import gc, os, select, signal, socket, struct, sys, time

ADDRESS, PORT, NAME = sys.argv[1], int(sys.argv[2]), sys.argv[3]
SPACING = int(float(sys.argv[4]) * 1e6)
LIMIT, SETTLE, ABSENT = int(float(sys.argv[5]) * 1e9), int(sys.argv[6]) * 10**6, int(sys.argv[7]) * 10**6

SO_TIMESTAMPNS = 35
SO_ATTACH_FILTER = 26
SO_RCVBUFFORCE = 33
ETH_P_IP = 0x0800


def fail(text):
    print("fail " + text, flush=True)
    sys.exit(1)


def neighbour():
    """MAC and device of the guest, from the kernel's own table; asks for it by a datagram that nobody reads."""
    asker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    until = time.monotonic() + 3
    while time.monotonic() < until:
        try:
            asker.sendto(b"", (ADDRESS, 9))
        except OSError as error:
            fail("the guest's address cannot be sent to: %s" % error)
        with open("/proc/net/arp") as table:
            for line in table:
                field = line.split()
                if field[0] == ADDRESS and int(field[2], 16) & 2:
                    return field[3], field[5]
        time.sleep(0.02)
    fail("nobody on the observer's network answers for %s (no ARP reply in 3 s)" % ADDRESS)


def address_towards():
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    probe.connect((ADDRESS, 9))
    return probe.getsockname()[0]


def attach_filter(sock):
    """Lets through IPv4 from the guest: ICMP, and UDP to the heartbeat's port. Everything else costs nothing here."""
    import ctypes

    source = struct.unpack("!I", socket.inet_aton(ADDRESS))[0]
    program = [
        (0x20, 0, 0, 12),  # A = source address
        (0x15, 0, 7, source),
        (0x30, 0, 0, 9),  # A = protocol
        (0x15, 4, 0, 1),  # ICMP: take
        (0x15, 0, 4, 17),  # UDP: look on
        (0xB1, 0, 0, 0),  # X = length of the IP header
        (0x48, 0, 0, 2),  # A = destination port
        (0x15, 0, 1, PORT),
        (0x06, 0, 0, 0xFFFF),
        (0x06, 0, 0, 0),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in program))
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HP", len(program), ctypes.addressof(code)))


def words_sum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    return total


def folded(total):
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def main():
    mac, device = neighbour()
    source = address_towards()
    try:
        wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
    except PermissionError:
        fail("a packet socket needs root on the observer")
    try:
        wire.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
    except OSError:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    wire.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    attach_filter(wire)
    wire.bind((device, ETH_P_IP))
    wire.setblocking(False)
    # Somebody has the port, so that the kernel does not answer each heartbeat with "port unreachable". It is never read.
    sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sink.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sink.bind(("", PORT))
    except OSError:
        pass

    identity = os.getpid() & 0xFFFF
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 36, 0, 0x4000, 64, 1, 0, socket.inet_aton(source), socket.inet_aton(ADDRESS))
    head = head[:10] + struct.pack("!H", folded(words_sum(head))) + head[12:]
    tag = b"ben1"
    fixed_sum = 0x0800 + identity + words_sum(tag)
    target = (device, ETH_P_IP, 0, 0, bytes(int(part, 16) for part in mac.split(":")))

    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
        scheduling = "rr"
    except OSError:
        try:
            os.setpriority(os.PRIO_PROCESS, 0, -15)
            scheduling = "nice"
        except OSError:
            scheduling = "plain"

    told = {"over": None, "quit": False}
    signal.signal(signal.SIGUSR1, lambda *_: told.__setitem__("over", time.monotonic_ns()))
    signal.signal(signal.SIGTERM, lambda *_: told.__setitem__("quit", True))
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    gc.disable()

    base = time.time_ns()
    began = time.monotonic_ns()
    offset = base - began
    lines = ["begin %d %d %s %s %s\n" % (os.getpid(), base, mac, scheduling, device)]
    pending = bytearray()
    os.set_blocking(1, False)
    boots = {}
    index = 0
    deadline = began
    flush_at = began
    last_reply = last_heartbeat = reply_run = heartbeat_run = 0
    quiet = 50 * 10**6  # a longer silence begins a new run of replies
    reason = None

    while reason is None:
        now = time.monotonic_ns()
        if now >= deadline:
            sequence = index & 0xFFFF
            total = fixed_sum + sequence + (index >> 16 & 0xFFFF) + (index & 0xFFFF)
            packet = head + struct.pack("!BBHHH4sI", 8, 0, folded(total), identity, sequence, tag, index)
            before = time.time_ns()
            try:
                wire.sendto(packet, target)
                after = time.time_ns()
                lines.append("s %d %d\n" % ((before - base) // 1000, (after - base) // 1000 + 1))
                index += 1
            except OSError:
                pass
            deadline += SPACING * ((now - deadline) // SPACING + 1)

        while True:
            try:
                data, extra, _, _ = wire.recvmsg(256, 64)
            except (BlockingIOError, InterruptedError):
                break
            except OSError:
                break
            stamp = time.time_ns()
            for level, kind, value in extra:
                if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
                    seconds, nanos = struct.unpack("qq", value[:16])
                    stamp = seconds * 10**9 + nanos
            body = (data[0] & 15) * 4
            if data[9] == 1:
                if len(data) < body + 16 or data[body] != 0 or data[body + 8 : body + 12] != tag:
                    continue
                if struct.unpack_from("!H", data, body + 4)[0] != identity:
                    continue
                lines.append("r %d %d\n" % (struct.unpack_from("!I", data, body + 12)[0], (stamp - base) // 1000 + 1))
                now = time.monotonic_ns()
                if now - last_reply > quiet:
                    reply_run = now
                last_reply = now
            else:
                word = data[body + 8 :].split(b" ")
                if len(word) < 8 or word[0] != b"bench-heartbeat" or word[1] != b"1" or word[2].decode("latin1") != NAME:
                    continue
                boot = boots.get(word[3])
                if boot is None:
                    boot = boots[word[3]] = len(boots)
                    lines.append("b %d %s\n" % (boot, word[3].decode("latin1")))
                lines.append(
                    "h %d %d %s\n" % ((stamp - base) // 1000 + 1, boot, b" ".join(word[4:8]).decode("latin1").strip("\0\n"))
                )
                now = time.monotonic_ns()
                if now - last_heartbeat > quiet:
                    heartbeat_run = now
                last_heartbeat = now

        now = time.monotonic_ns()
        if now >= flush_at:
            drift = time.time_ns() - now - offset
            if abs(drift) > 10**6:
                lines.append("k %d\n" % (drift // 1000))
                offset += drift
            pending += "".join(lines).encode("latin1")
            lines.clear()
            flush_at = now + 10**8
            try:
                while pending:
                    del pending[: os.write(1, pending[: 1 << 16])]
            except BlockingIOError:
                pass
            except OSError:
                return
        over = told["over"]
        if told["quit"]:
            reason = "told"
        elif now - began > LIMIT:
            reason = "limit"
        elif over is not None:
            answers = last_reply and now - last_reply < quiet and now - max(over, reply_run) >= SETTLE
            beats = not boots or (now - last_heartbeat < quiet and now - max(over, heartbeat_run) >= SETTLE)
            if answers and beats:
                reason = "settled"
            elif now - over > ABSENT:
                reason = "absent"
        rest = deadline - time.monotonic_ns()
        if rest > 0:
            time.sleep(rest / 1e9)

    lines.append("end %s %d\n" % (reason, (time.time_ns() - base) // 1000))
    pending += "".join(lines).encode("latin1")
    os.set_blocking(1, True)
    while pending:
        del pending[: os.write(1, pending)]


main()
