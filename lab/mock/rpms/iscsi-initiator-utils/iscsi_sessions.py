"""Sessions: what the kernel and iscsid know of them, kept under /run, and the disks that they bring."""
import fcntl
import glob
import hashlib
import json
import os
import socket
import string
import subprocess
import time

from iscsi_records import ROOT, IscsiError

RUN = ROOT + '/run/mock/iscsi'
BY_PATH = ROOT + '/dev/disk/by-path'


def setting(name, absent):
    try:
        for line in open(ROOT + '/etc/mock/iscsi.conf'):
            key, _, value = line.strip().partition('=')
            if key == name:
                return float(value)
    except OSError:
        pass
    return absent


class Refused(Exception):
    """The target said no for good."""


def ask(address, port, *requests):
    """Sends one request; further ones are made from the answer before (for CHAP). Raises OSError when nobody answers."""
    real = int(os.environ.get('MOCK_ISCSI_PORT', port)) if int(port) == 3260 else int(port)
    with socket.create_connection((address, real), timeout=5) as line:
        here = line.getsockname()[0]
        stream, answer = line.makefile('r'), None
        for request in requests:
            message = request(answer) if callable(request) else request
            if message is None:
                break
            line.sendall((json.dumps(message) + '\n').encode())
            text = stream.readline()
            if not text:
                raise ConnectionResetError(104, 'Connection reset by peer')
            answer = json.loads(text)
        return answer, here


def start_iscsid():
    """The tools wake iscsid through its socket; it reads the initiator's name then and never again."""
    name_file = RUN + '/initiatorname'
    if not os.path.exists(name_file):
        if ROOT or not os.path.isdir('/run/systemd/system'):
            subprocess.run([ROOT + '/usr/sbin/iscsid', '--read-name'], check=False)
        else:
            subprocess.run(['systemctl', 'start', 'iscsid.service'], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        return open(name_file).read().strip()
    except OSError:
        return ''


def read_all():
    files = glob.glob(RUN + '/sessions/*.json')
    return sorted((json.load(open(path)) for path in files), key=lambda one: one['sid'])


def save(session):
    os.makedirs(RUN + '/sessions', exist_ok=True)
    path = f"{RUN}/sessions/{session['sid']}.json"
    with open(os.open(path + '.new', os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), 'w') as out:
        json.dump(session, out)
    os.replace(path + '.new', path)


def next_number(name):
    os.makedirs(RUN, exist_ok=True)
    with open(RUN + '/lock', 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        path = f'{RUN}/{name}'
        value = int(open(path).read()) if os.path.exists(path) else 1
        with open(path, 'w') as out:
            out.write(str(value + 1))
        return value


def identity(record, initiator):
    portal = (record['node.conn[0].address'], int(record['node.conn[0].port']))
    return {'target': record['node.name'], 'initiator': initiator, 'portal': portal, 'alias': socket.gethostname().split('.')[0],
            'isid': f'00023d-{portal[0]}:{portal[1]}'}


def try_login(record, initiator):
    """One login: (answer, own address). Refused when the target refuses, OSError when it is not there or not ready."""
    who = identity(record, initiator)
    auth = record['node.session.auth.authmethod']
    user, password = (record['node.session.auth.' + key].replace('<empty>', '') for key in ('username', 'password'))

    def respond(challenge):
        if challenge['status'] != 'challenge':
            return None
        text = bytes([challenge['id']]) + password.encode() + bytes.fromhex(challenge['challenge'])
        return {'op': 'chap', 'user': user, 'response': hashlib.md5(text).hexdigest()}

    answer, here = ask(*who['portal'], {'op': 'login', 'auth': auth, **who}, respond)
    if answer['status'] == 'unauthorized':
        raise Refused
    if answer['status'] != 'ok':
        raise ConnectionError('login rejected: target error (03/01)')
    return answer, here


def login(record):
    """A new session, or IscsiError 24 or 8. A failed login uses up a session id, as iscsid's does."""
    initiator = start_iscsid()
    sid = next_number('next-sid')
    deadline = time.monotonic() + setting('login_timeout_s', 120)
    while True:
        try:
            answer, here = try_login(record, initiator)
            break
        except Refused:
            raise IscsiError(24, 'iSCSI login failed due to authorization failure') from None
        except OSError:
            if time.monotonic() + 1 > deadline:
                time.sleep(max(0, deadline - time.monotonic()))
                raise IscsiError(8, 'connection timed out') from None
            time.sleep(1)
    session = {'sid': sid, 'record': record, 'initiator': initiator, 'here': here, 'host': 1 + next_number('next-host'), 'disks': {}}
    attach(session, answer['luns'])
    save(session)
    return session


def attach(session, luns):
    """Names for the disks: the kernel's at once, udev's a moment later, as by-path names come on a real host."""
    record, links = session['record'], []
    for lun in luns:
        key = str(lun['lun'])
        if key in session['disks']:
            continue
        letters = (one for one in string.ascii_lowercase if not os.path.lexists(f'{ROOT}/dev/sd{one}'))
        device = 'sd' + next(letters)
        os.makedirs(ROOT + '/dev', exist_ok=True)
        os.symlink(lun['data'], f'{ROOT}/dev/{device}')
        portal = f"{record['node.conn[0].address']}:{record['node.conn[0].port']}"
        name = f"ip-{portal}-iscsi-{record['node.name']}-lun-{key}"
        session['disks'][key] = {'device': device, 'by_path': name, 'serial': lun['serial'], 'model': lun['model']}
        links.append((device, name))
    if links:
        link_later(links)


def link_later(links):
    os.makedirs(RUN, exist_ok=True)
    pending = f'{RUN}/udev-{os.getpid()}-{time.monotonic_ns()}'
    open(pending, 'w').close()
    if os.fork():
        return
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    try:
        time.sleep(setting('udev_delay_ms', 300) / 1000)
        os.makedirs(BY_PATH, exist_ok=True)
        for device, name in links:
            path = f'{BY_PATH}/{name}'
            if os.path.lexists(f'{ROOT}/dev/{device}') and not os.path.lexists(path):
                os.symlink(f'../../{device}', path)
    finally:
        os.unlink(pending)
        os._exit(0)


def detach(session):
    for disk in session['disks'].values():
        for path in (f"{BY_PATH}/{disk['by_path']}", f"{ROOT}/dev/{disk['device']}"):
            if os.path.islink(path):
                os.unlink(path)


def logout(session):
    who = identity(session['record'], session['initiator'])
    try:
        ask(*who['portal'], {'op': 'logout', **who})
    except OSError:
        pass
    detach(session)
    os.unlink(f"{RUN}/sessions/{session['sid']}.json")


def check(session):
    """Whether the target still knows the session; iscsid logs in again by itself when it can. The answer, or None."""
    who = identity(session['record'], session['initiator'])
    try:
        answer, _ = ask(*who['portal'], {'op': 'check', **who})
        if answer['status'] == 'ok':
            return answer
        return try_login(session['record'], session['initiator'])[0]
    except (OSError, Refused):
        return None


def of(record):
    key = ('node.name', 'node.conn[0].address', 'node.conn[0].port')
    return next((one for one in read_all() if all(one['record'][name] == record[name] for name in key)), None)
