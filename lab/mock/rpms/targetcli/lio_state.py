"""The kernel's half of the storage target: one JSON document of the shape of saveconfig.json, kept under /run.

Newest objects come first in every list, as configfs lists them. It is lost at a reboot, as the kernel's is.
"""
import fcntl
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import time
import uuid

ROOT = os.environ.get('MOCK_ROOT', '')
RUN = ROOT + '/run/mock/lio'
STATE = RUN + '/state.json'
SESSIONS = RUN + '/sessions.json'
CONTROL = RUN + '/control'
SAVE_FILE = '/etc/target/saveconfig.json'
SAN = os.environ.get('MOCK_SAN', ROOT + '/var/lib/mock-san')
BACKUPS = 10


class TargetError(Exception):
    """What the true tools print on stderr, as one text."""


class Live:
    """The live state, locked from `with` to its end; written back when the block ends well or with a TargetError."""

    def __init__(self):
        os.makedirs(RUN, exist_ok=True)
        self.lock = open(RUN + '/lock', 'w')

    def __enter__(self):
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        self.data = load(STATE, {'storage_objects': [], 'targets': []})
        self.before = json.dumps(self.data, sort_keys=True)
        return self.data

    def __exit__(self, kind, error, trace):
        if json.dumps(self.data, sort_keys=True) != self.before:
            store(STATE, self.data)
            reload_daemon(self.data)
        fcntl.flock(self.lock, fcntl.LOCK_UN)
        return False


def load(path, absent):
    try:
        with open(path) as file:
            return json.load(file)
    except (FileNotFoundError, ValueError):
        return absent


def store(path, data):
    with open(path + '.new', 'w') as out:
        json.dump(data, out, sort_keys=True)
    os.replace(path + '.new', path)


def listening(data):
    """(address, port) of every portal of every enabled target."""
    return sorted({(portal['ip_address'], portal['port'])
                   for target in data['targets'] for tpg in target['tpgs'] if tpg['enable'] for portal in tpg['portals']})


def tell_daemon():
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(5)
        line.connect(CONTROL)
        line.sendall(b'reload\n')
        return line.recv(16) == b'ok\n'


def reload_daemon(data):
    """The kernel listens as soon as a portal exists: the daemon is told, and started when it is not there."""
    try:
        tell_daemon()
        return
    except OSError:
        if not listening(data):
            return
    if ROOT or not os.path.isdir('/run/systemd/system'):
        daemon = [ROOT + '/usr/libexec/mock-liod']
        subprocess.Popen(daemon, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    else:
        subprocess.run(['systemctl', 'start', '--no-block', 'mock-lio.service'], check=False)
    for _ in range(100):
        try:
            tell_daemon()
            return
        except OSError:
            time.sleep(0.03)


def normal_wwn(wwn):
    """rtslib's rule: a dot is needed somewhere after the date's part, no underscore, and capitals are made small."""
    wwn = wwn.lower()
    good = re.match(r'iqn\.[0-9]{4}-[0-1][0-9]\..*\..*', wwn) and not re.search('[ _]', wwn)
    if not good and not re.fullmatch(r'(naa|eui)\.[0-9a-f]{16}', wwn):
        raise TargetError('WWN not valid as: iqn, naa, eui')
    return wwn


def shared_path(path):
    """Where the data of the file PATH lives on the volume that all hosts mount."""
    real = os.path.realpath(path)
    if real.startswith(os.path.realpath(SAN) + '/'):
        return real
    inside = os.path.abspath(path)
    if ROOT and inside.startswith(ROOT + '/'):
        inside = inside[len(ROOT):]
    return os.path.join(SAN, socket.gethostname(), inside.lstrip('/'))


def share_file(path):
    """Puts the data of PATH on the shared volume (PATH becomes a symbolic link) and says where; makes an empty file when there is none.

    The true tools open PATH with O_CREAT: a missing directory is an error, a missing file becomes an empty one.
    """
    local = ROOT + path
    if not os.path.isdir(os.path.dirname(local)):
        raise TargetError(f'Could not open {path}')
    data = shared_path(local)
    if os.path.realpath(local) == data and os.path.exists(data):
        return data
    os.makedirs(os.path.dirname(data), exist_ok=True)
    if os.path.isfile(local) and not os.path.islink(local):
        shutil.move(local, data)
    else:
        if os.path.islink(local):
            os.unlink(local)
        os.close(os.open(data, os.O_CREAT | os.O_TRUNC | os.O_RDWR, 0o600))
    os.symlink(data, local)
    return data


def data_path(so):
    """The shared file behind a storage object, as initiators see it."""
    if so['plugin'] == 'ramdisk':
        return os.path.join(SAN, socket.gethostname(), '.ramdisk', so['name'])
    return shared_path(ROOT + so['dev'])


def so_attributes(plugin, write_back):
    values = {
        'alua_support': 1, 'block_size': 512, 'emulate_3pc': 1, 'emulate_caw': 1, 'emulate_dpo': 1, 'emulate_fua_read': 1,
        'emulate_fua_write': 1, 'emulate_model_alias': 1, 'emulate_pr': 1, 'emulate_rest_reord': 0, 'emulate_tas': 1, 'emulate_tpu': 0,
        'emulate_tpws': 0, 'emulate_ua_intlck_ctrl': 0, 'emulate_write_cache': int(write_back), 'enforce_pr_isids': 1, 'force_pr_aptpl': 0,
        'is_nonrot': 0, 'max_unmap_block_desc_count': 1, 'max_unmap_lba_count': 8192, 'max_write_same_len': 4096, 'optimal_sectors': 16384,
        'pgr_support': 1, 'pi_prot_format': 0, 'pi_prot_type': 0, 'pi_prot_verify': 0, 'queue_depth': 128, 'unmap_granularity': 1,
        'unmap_granularity_alignment': 0, 'unmap_zeroes_data': 0,
    }
    return values


def new_so(plugin, name, wwn=None, **more):
    group = {
        'alua_access_state': 0, 'alua_access_status': 0, 'alua_access_type': 3, 'alua_support_active_nonoptimized': 1,
        'alua_support_active_optimized': 1, 'alua_support_offline': 1, 'alua_support_standby': 1, 'alua_support_transitioning': 1,
        'alua_support_unavailable': 1, 'alua_write_metadata': 0, 'implicit_trans_secs': 0, 'name': 'default_tg_pt_gp',
        'nonop_delay_msecs': 100, 'preferred': 0, 'tg_pt_gp_id': 0, 'trans_delay_msecs': 0,
    }
    so = {'name': name, 'plugin': plugin, 'wwn': wwn or str(uuid.uuid4()), 'alua_tpgs': [group],
          'attributes': so_attributes(plugin, more.get('write_back', False))}
    so.update(more)
    return so


def new_target(wwn):
    attributes = {
        'authentication': 0, 'cache_dynamic_acls': 0, 'default_cmdsn_depth': 64, 'default_erl': 0, 'demo_mode_discovery': 1,
        'demo_mode_write_protect': 1, 'fabric_prot_type': 0, 'generate_node_acls': 0, 'login_keys_workaround': 1, 'login_timeout': 15,
        'netif_timeout': 2, 'prod_mode_write_protect': 0, 't10_pi': 0, 'tpg_enabled_sendtargets': 1,
    }
    parameters = {
        'AuthMethod': 'CHAP', 'DataDigest': 'CRC32C,None', 'DataPDUInOrder': 'Yes', 'DataSequenceInOrder': 'Yes', 'DefaultTime2Retain': '20',
        'DefaultTime2Wait': '2', 'ErrorRecoveryLevel': '0', 'FirstBurstLength': '65536', 'HeaderDigest': 'CRC32C,None', 'IFMarkInt': 'Reject',
        'IFMarker': 'No', 'ImmediateData': 'Yes', 'InitialR2T': 'Yes', 'MaxBurstLength': '262144', 'MaxConnections': '1',
        'MaxOutstandingR2T': '1', 'MaxRecvDataSegmentLength': '8192', 'MaxXmitDataSegmentLength': '262144', 'OFMarkInt': 'Reject',
        'OFMarker': 'No', 'TargetAlias': 'LIO Target',
    }
    tpg = {'attributes': attributes, 'enable': True, 'luns': [], 'node_acls': [], 'parameters': parameters, 'portals': [], 'tag': 1}
    return {'fabric': 'iscsi', 'parameters': {'cmd_completion_affinity': '-1'}, 'tpgs': [tpg], 'wwn': wwn}


def new_acl(wwn):
    attributes = {
        'authentication': -1, 'dataout_timeout': 3, 'dataout_timeout_retries': 5, 'default_erl': 0, 'nopin_response_timeout': 30,
        'nopin_timeout': 15, 'random_datain_pdu_offsets': 0, 'random_datain_seq_offsets': 0, 'random_r2t_offsets': 0,
    }
    return {'attributes': attributes, 'mapped_luns': [], 'node_wwn': wwn}


def alias():
    return secrets.token_hex(5)


def mapped_lun(number):
    return {'alias': alias(), 'index': number, 'tpg_lun': number, 'write_protect': False}


def dump(data):
    """The text of saveconfig.json."""
    whole = {'fabric_modules': [], 'storage_objects': data['storage_objects'], 'targets': data['targets']}
    return json.dumps(whole, sort_keys=True, indent=2)


def write_saved(text, path):
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    handle = os.open(path + '.temp', os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(handle, 'w') as out:
        out.write(text + '\n')
    os.replace(path + '.temp', path)


def restore(data, text, clear_existing):
    """Puts a saved configuration in place, or raises and leaves the rest undone."""
    saved = json.loads(text)
    if clear_existing:
        clear(data)
    for so in saved.get('storage_objects', []):
        if any(is_so(other, so['plugin'], so['name']) for other in data['storage_objects']):
            raise TargetError(f"storageobject '{so['plugin']}:{so['name']}' exist not restoring")
    for target in saved.get('targets', []):
        if any(other['wwn'] == target['wwn'] for other in data['targets']):
            raise TargetError(f"target '{target['fabric']}:{target['wwn']}' exist not restoring")
    for so in reversed(saved.get('storage_objects', [])):
        if so['plugin'] == 'fileio':
            share_file(so['dev'])
        elif so['plugin'] == 'ramdisk':
            make_ramdisk(so['name'], so['size'])
        data['storage_objects'].insert(0, so)
    for target in reversed(saved.get('targets', [])):
        data['targets'].insert(0, target)


def make_ramdisk(name, size):
    path = os.path.join(SAN, socket.gethostname(), '.ramdisk', name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as out:
        out.truncate(size)


def clear(data):
    data['storage_objects'].clear()
    data['targets'].clear()


def is_so(so, plugin, name):
    return so['plugin'] == plugin and so['name'] == name
