"""A guest's network: a veth pair whose host end vifN.0 is a port of the bridge and whose other end is eth0 of the guest.

The gate is the state of the bridge port: disabled lets nothing pass either way, forwarding lets everything pass at
once, and neither touches a carrier, so it takes one netlink message (tens of microseconds) and no waiting. (The kernel
turns blocking into forwarding at once where STP is off.) On a bridge with STP the kernel refuses to set a state; there
the gate is the link itself, and the port then listens and learns as that of a true vif.
"""
import os
import socket
import struct
import subprocess
import sys
import time

import store

AF_BRIDGE = 7
NLM_F_REQUEST, NLM_F_ACK = 1, 4
NLMSG_ERROR, RTM_NEWLINK, RTM_DELLINK, RTM_SETLINK = 2, 16, 17, 19
NESTED, IFLA_PROTINFO, IFLA_BRPORT_STATE = 0x8000, 12, 1
FORWARDING, DISABLED = 3, 0
IFF_UP = 1
LINK_WAIT_S = 2.0
HOST_MAC = 'fe:ff:ff:ff:ff:ff'


def enabled():
    """Outside a container (MOCK_ROOT set) guests share the network of their host: no namespace, no vif, no gate."""
    return not os.environ.get('MOCK_ROOT')


def bridge_exists(bridge):
    return os.path.isdir(store.path(f'/sys/class/net/{bridge}/bridge'))


def vif_name(domid):
    return f'vif{domid}.0'


def run_ip(batch):
    done = subprocess.run(['ip', '-batch', '-'], input=batch, text=True, capture_output=True, check=False)
    if done.returncode != 0:
        sys.stderr.write(done.stderr)
    return done.returncode == 0


def make_pair(domid, pid):
    vif = vif_name(domid)
    return run_ip(f'link add {vif} address {HOST_MAC} type veth peer name eth0 netns {pid}\n'
                  f'link set {vif} addrgenmode none\nlink set {vif} up\n')


def attach(domid, bridge):
    """A port whose carrier comes up later would be enabled by the kernel then: the link is waited for first."""
    deadline = time.monotonic() + LINK_WAIT_S
    while store.read_text(f'/sys/class/net/{vif_name(domid)}/operstate').strip() != 'up' and time.monotonic() < deadline:
        time.sleep(0.002)
    return run_ip(f'link set {vif_name(domid)} master {bridge}\n')


def configure_inside(mac, address):
    """Runs inside the guest's namespace: no IPv6 address, so that nothing is sent before the guest runs."""
    return run_ip(f'link set lo up\nlink set eth0 addrgenmode none\nlink set eth0 address {mac}\nlink set eth0 up\n'
                  + (f'addr add {address} dev eth0\n' if address else ''))


class Netlink:
    def __init__(self):
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        self._socket.bind((0, 0))

    def request(self, kind, body):
        """errno of the kernel's answer, 0 when done."""
        self._socket.send(struct.pack('=IHHII', 16 + len(body), kind, NLM_F_REQUEST | NLM_F_ACK, 1, 0) + body)
        answer = self._socket.recv(65536)
        kind, = struct.unpack_from('=H', answer, 4)
        return -struct.unpack_from('=i', answer, 16)[0] if kind == NLMSG_ERROR else 0


def _link(family, index, flags=0, mask=0):
    return struct.pack('=BBHiII', family, 0, 0, index, flags, mask)


class Gate:
    """Opens and shuts the network of one domain. Everything slow is done when it is made."""

    def __init__(self, domid):
        self.index = socket.if_nametoindex(vif_name(domid))
        self._netlink = Netlink()
        stp = store.read_text(f'/sys/class/net/{vif_name(domid)}/master/bridge/stp_state', '0').strip()
        self._by_link = stp not in ('', '0')

    def _set(self, state, up):
        if not self._by_link:
            inner = struct.pack('=HHB3x', 5, IFLA_BRPORT_STATE, state)
            body = _link(AF_BRIDGE, self.index) + struct.pack('=HH', 4 + len(inner), NESTED | IFLA_PROTINFO) + inner
            if self._netlink.request(RTM_SETLINK, body) == 0:
                return
        self._netlink.request(RTM_NEWLINK, _link(socket.AF_UNSPEC, self.index, IFF_UP if up else 0, IFF_UP))

    def open(self):
        self._set(FORWARDING, True)

    def shut(self):
        self._set(DISABLED, False)


class NoGate:
    def open(self):
        pass

    def shut(self):
        pass


def gate_of(domid):
    try:
        return Gate(domid) if enabled() and store.config_of(domid).get('nics') else NoGate()
    except OSError:
        return NoGate()


def delete(domid):
    if not enabled():
        return
    try:
        index = socket.if_nametoindex(vif_name(domid))
    except OSError:
        return
    Netlink().request(RTM_DELLINK, _link(socket.AF_UNSPEC, index))
