"""Tells when a guest announced itself on this host's network: a line "SECONDS ADDRESS" for each gratuitous ARP.

An outsider's ground truth for the end of a network outage: frames for a migrated guest go to its old place until then.
"""
import socket, struct

sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0806))
sniffer.setsockopt(socket.SOL_SOCKET, 35, 1)  # SO_TIMESTAMPNS
while True:
    frame, extra, _, _ = sniffer.recvmsg(128, 64)
    for level, kind, value in extra:
        if kind == 35 and frame[14:18] == frame[24:28]:
            seconds, nanos = struct.unpack("qq", value[:16])
            print("%d.%09d %s" % (seconds, nanos, socket.inet_ntoa(frame[14:18])), flush=True)
