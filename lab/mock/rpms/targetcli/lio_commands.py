"""The commands of the shell. Each takes the session and keyword values, prints to stdout and raises TargetError for stderr."""
import glob
import gzip
import os
import re
import socket
import secrets
import time

import lio_state as lio
from lio_groups import get_group, set_group
from lio_state import TargetError
from lio_tree import find, show, so_of, so_path

YES = ('true', '1', 'yes')


def size_of(text):
    match = re.fullmatch(r'(\d+(?:\.\d+)?)\s*([kKmMgGtT]?)[iI]?[bB]?', text)
    if not match:
        raise TargetError(f'Cannot interpret size {text}')
    return int(float(match.group(1)) * 1024 ** ' kmgt'.index(match.group(2).lower() or ' '))


def truth(text, absent):
    return absent if text is None else text.lower() in YES


# backstores

def create_fileio(shell, node, name, file_or_dev, size=None, write_back=None, sparse=None, wwn=None):
    path = os.path.abspath(os.path.expanduser(file_or_dev))
    local = lio.ROOT + path
    for so in shell.data['storage_objects']:
        if so.get('dev') == path and os.path.exists(local):
            raise TargetError(f"storage object for {file_or_dev} already exists: {so['name']}")
    if any(lio.is_so(so, 'fileio', name) for so in shell.data['storage_objects']):
        raise TargetError(f'Storage object fileio/{name} exists')
    if os.path.isfile(local):
        real = os.path.getsize(local)
        if size:
            shell.say(f'{file_or_dev} exists, using its size ({real} bytes) instead')
        lio.share_file(path)
    elif os.path.exists(local):
        raise TargetError(f'Path {file_or_dev} exists but is not a file')
    else:
        if not size:
            raise TargetError('Attempting to create file for new fileio backstore, need a size')
        real = size_of(size)
        with open(lio.share_file(path), 'r+b') as data:
            data.truncate(real)
    so = lio.new_so('fileio', name, wwn, dev=path, size=real, write_back=truth(write_back, True), aio=False)
    shell.data['storage_objects'].insert(0, so)
    shell.say(f'Created fileio {name} with size {real}')


def create_block(shell, node, name, dev, readonly=None, wwn=None):
    local = lio.ROOT + dev
    if not os.path.exists(local):
        raise TargetError(f'Could not open {dev}')
    if any(lio.is_so(so, 'block', name) for so in shell.data['storage_objects']):
        raise TargetError(f'Storage object block/{name} exists')
    size = os.path.getsize(os.path.realpath(local))
    shell.data['storage_objects'].insert(0, lio.new_so('block', name, wwn, dev=dev, size=size, write_back=False, readonly=truth(readonly, False)))
    shell.say(f'Created block storage object {name} using {dev}.')


def create_ramdisk(shell, node, name, size, nullio=None, wwn=None):
    if any(lio.is_so(so, 'ramdisk', name) for so in shell.data['storage_objects']):
        raise TargetError(f'Storage object ramdisk/{name} exists')
    real = size_of(size)
    lio.make_ramdisk(name, real)
    shell.data['storage_objects'].insert(0, lio.new_so('ramdisk', name, wwn, size=real, nullio=truth(nullio, False)))
    shell.say(f'Created ramdisk {name} with size {real}.')


def delete_so(shell, node, name, save=None):
    plugin = node.thing
    so = next((so for so in shell.data['storage_objects'] if lio.is_so(so, plugin, name)), None)
    if so is None:
        raise TargetError(f'No storage object named {name}.')
    shell.data['storage_objects'].remove(so)
    for target in shell.data['targets']:
        for tpg in target['tpgs']:
            for lun in [lun for lun in tpg['luns'] if lun['storage_object'] == '/backstores/' + so_path(so)]:
                drop_lun(tpg, lun)
    shell.say(f'Deleted storage object {name}.')


# targets

def create_target(shell, node, wwn=None):
    if wwn is None:
        wwn = f'iqn.2003-01.org.linux-iscsi.{socket.gethostname().split(".")[0]}.x8664:sn.{secrets.token_hex(6)}'
    wwn = lio.normal_wwn(wwn)
    if any(target['wwn'] == wwn for target in shell.data['targets']):
        raise TargetError('This Target already exists in configFS')
    target = lio.new_target(wwn)
    shell.data['targets'].insert(0, target)
    shell.say(f'Created target {wwn}.')
    shell.say('Created TPG 1.')
    if portal_clash(shell.data, '0.0.0.0', 3260):
        shell.say('Default portal not created, TPGs within a target cannot share ip:port.')
    else:
        add_portal(target['tpgs'][0], '0.0.0.0', 3260)
        shell.say('Global pref auto_add_default_portal=true')
        shell.say('Created default portal listening on all IPs (0.0.0.0), port 3260.')


def delete_target(shell, node, wwn):
    wwn = lio.normal_wwn(wwn)
    target = next((target for target in shell.data['targets'] if target['wwn'] == wwn), None)
    if target is None:
        raise TargetError(f'No such Target in configfs: /sys/kernel/config/target/iscsi/{wwn}')
    shell.data['targets'].remove(target)
    shell.say(f'Deleted Target {wwn}.')


def enable(shell, node, on):
    if node.thing['enable'] == on:
        shell.say(f"The TPGT is already {'enabled' if on else 'disabled'}.")
    else:
        node.thing['enable'] = on
        shell.say(f"The TPGT has been {'enabled' if on else 'disabled'}.")


# LUNs

def create_lun(shell, node, storage_object, lun=None, add_mapped_luns=None):
    tpg, so = node.thing, so_of(shell.data, storage_object.rstrip('/'))
    if so is None:
        raise TargetError('storage object or path not valid')
    path = '/backstores/' + so_path(so)
    if any(other['storage_object'] == path for other in tpg['luns']):
        raise TargetError(f'lun for storage object {so_path(so)} already exists')
    used = [other['index'] for other in tpg['luns']]
    number = next(n for n in range(len(used) + 1) if n not in used) if lun is None else lun_number(lun)
    if number in used:
        raise TargetError('This LUN already exists in configFS')
    tpg['luns'].insert(0, {'alias': lio.alias(), 'alua_tg_pt_gp_name': 'default_tg_pt_gp', 'index': number, 'storage_object': path})
    shell.say(f'Created LUN {number}.')
    if truth(add_mapped_luns, True):
        for acl in tpg['node_acls']:
            if all(mapped['index'] != number for mapped in acl['mapped_luns']):
                acl['mapped_luns'].insert(0, lio.mapped_lun(number))
                shell.say(f"Created LUN {number}->{number} mapping in node ACL {acl['node_wwn']}")


def lun_number(text):
    match = re.fullmatch(r'(?:lun)?(\d+)', text, re.I)
    if not match:
        raise TargetError('Invalid LUN')
    return int(match.group(1))


def drop_lun(tpg, lun):
    tpg['luns'].remove(lun)
    for acl in tpg['node_acls']:
        acl['mapped_luns'] = [mapped for mapped in acl['mapped_luns'] if mapped['tpg_lun'] != lun['index']]


def delete_lun(shell, node, lun):
    number = lun_number(lun)
    found = next((one for one in node.thing['luns'] if one['index'] == number), None)
    if found is None:
        raise TargetError('Invalid LUN')
    drop_lun(node.thing, found)
    shell.say(f'Deleted LUN {number}.')


# ACLs

def create_acl(shell, node, wwn, add_mapped_luns=None):
    tpg, wwn = node.thing, lio.normal_wwn(wwn)
    if any(acl['node_wwn'] == wwn for acl in tpg['node_acls']):
        raise TargetError('This NodeACL already exists in configFS')
    acl = lio.new_acl(wwn)
    tpg['node_acls'].insert(0, acl)
    shell.say(f'Created Node ACL for {wwn}')
    if truth(add_mapped_luns, True):
        for lun in reversed(tpg['luns']):
            acl['mapped_luns'].insert(0, lio.mapped_lun(lun['index']))
            shell.say(f"Created mapped LUN {lun['index']}.")


def delete_acl(shell, node, wwn):
    wwn = lio.normal_wwn(wwn)
    acl = next((acl for acl in node.thing['node_acls'] if acl['node_wwn'] == wwn), None)
    if acl is None:
        where = node.path.replace('/tpg1/', '/tpgt_1/')
        raise TargetError(f'No such NodeACL in configfs: /sys/kernel/config/target{where}/{wwn}')
    node.thing['node_acls'].remove(acl)
    shell.say(f'Deleted Node ACL {wwn}.')


def create_mapped(shell, node, mapped_lun, tpg_lun_or_backstore, write_protect=None):
    number, tpg = lun_number(mapped_lun), node.parent.thing
    text = tpg_lun_or_backstore
    lun = next((one for one in tpg['luns'] if one['storage_object'].endswith(text) and '/' in text or f"{one['index']}" == text.removeprefix('lun')), None)
    if lun is None:
        raise TargetError('Invalid TPG LUN number or backstore')
    if any(mapped['index'] == number for mapped in node.thing['mapped_luns']):
        raise TargetError('This MappedLUN already exists in configFS')
    mapped = lio.mapped_lun(number) | {'tpg_lun': lun['index'], 'write_protect': truth(write_protect, False)}
    node.thing['mapped_luns'].insert(0, mapped)
    shell.say(f'Created Mapped LUN {number}.')


def delete_mapped(shell, node, mapped_lun):
    number = lun_number(mapped_lun.removeprefix('mapped_'))
    found = next((one for one in node.thing['mapped_luns'] if one['index'] == number), None)
    if found is None:
        raise TargetError(f'No such MappedLUN {number}')
    node.thing['mapped_luns'].remove(found)
    shell.say(f'Deleted Mapped LUN {number}.')


# portals

def portal_clash(data, address, port):
    """One port cannot be bound on all addresses and on one: the kernel's bind fails."""
    taken = [one['ip_address'] for target in data['targets'] for tpg in target['tpgs'] for one in tpg['portals'] if one['port'] == port]
    return any((one == '0.0.0.0') != (address == '0.0.0.0') for one in taken)


def add_portal(tpg, address, port):
    tpg['portals'].insert(0, {'ip_address': address, 'iser': False, 'offload': False, 'port': port})


def port_of(text):
    if not re.fullmatch(r'\d+', text):
        raise TargetError(f"Syntax error, '{text}' is not a NUMBER.")
    return int(text)


def create_portal(shell, node, ip_address='0.0.0.0', ip_port='3260'):
    tpg, port = node.thing, port_of(ip_port)
    if port == 3260:
        shell.say('Using default IP port 3260')
    if ip_address == '0.0.0.0':
        shell.say('Binding to INADDR_ANY (0.0.0.0)')
    if any((one['ip_address'], one['port']) == (ip_address, port) for one in tpg['portals']):
        raise TargetError('This NetworkPortal already exists in configFS')
    if portal_clash(shell.data, ip_address, port):
        raise TargetError('Could not create NetworkPortal in configFS')
    add_portal(tpg, ip_address, port)
    shell.say(f'Created network portal {ip_address}:{port}.')


def delete_portal(shell, node, ip_address, ip_port='3260'):
    port = port_of(ip_port)
    found = next((one for one in node.thing['portals'] if (one['ip_address'], one['port']) == (ip_address, port)), None)
    if found is None:
        where = node.parent.path.replace('/tpg1', '/tpgt_1')
        raise TargetError(f'No such NetworkPortal in configfs: /sys/kernel/config/target{where}/np/{ip_address}:{port}')
    node.thing['portals'].remove(found)
    shell.say(f'Deleted network portal {ip_address}:{port}')


# the whole configuration

def saveconfig(shell, node, savefile=lio.SAVE_FILE):
    back_up(shell, savefile)
    lio.write_saved(lio.dump(shell.data), lio.ROOT + savefile)
    shell.say(f'Configuration saved to {savefile}')


def back_up(shell, savefile):
    """Keeps the file that is about to be replaced, unless the last backup holds the same."""
    path = lio.ROOT + savefile
    folder = os.path.dirname(path) + '/backup'
    os.makedirs(folder, mode=0o700, exist_ok=True)
    if not os.path.exists(path):
        return
    text = open(path, 'rb').read()
    files = sorted(glob.glob(folder + '/saveconfig-*json.gz'), key=os.path.getmtime)
    if files and gzip.open(files[-1]).read() == text:
        return
    name = time.strftime('saveconfig-%Y%m%d-%H:%M:%S-json.gz')
    with gzip.open(f'{folder}/{name}', 'wb') as out:
        out.write(text)
    os.chmod(f'{folder}/{name}', 0o600)
    for old in files[:max(0, len(files) + 1 - lio.BACKUPS)]:
        os.unlink(old)
    shell.say(f'Last {lio.BACKUPS} configs saved in {os.path.dirname(savefile)}/backup/.')


def restoreconfig(shell, node, savefile=lio.SAVE_FILE, clear_existing=None, target=None, storage_object=None):
    if not os.path.exists(lio.ROOT + savefile):
        shell.say(f'Restore file {savefile} not found')
        return
    try:
        lio.restore(shell.data, open(lio.ROOT + savefile).read(), truth(clear_existing, False))
    except ValueError as problem:
        raise TargetError(str(problem)) from problem
    shell.say(f'Configuration restored from {savefile}')


def clearconfig(shell, node, confirm=None):
    if not truth(confirm, False):
        raise TargetError('As a precaution, confirm=True needs to be set')
    lio.clear(shell.data)
    shell.say('All configuration cleared')


def sessions(shell, node, action='list', sid=None):
    rows = [one for one in lio.load(lio.SESSIONS, []) if sid is None or str(one['sid']) == sid]
    if not rows:
        shell.say('(no open sessions)')
    for one in rows:
        shell.say(f"alias: {one['alias']}\tsid: {one['sid']} type: Normal session-state: LOGGED_IN")
        if action != 'detail':
            continue
        # NOT AUTHENTICATED is what the true tool says of every session, whatever CHAP did.
        shell.say(f"    name: {one['initiator']} (NOT AUTHENTICATED)")
        for target in (target for target in shell.data['targets'] if target['wwn'] == one['target']):
            for acl in (acl for acl in target['tpgs'][0]['node_acls'] if acl['node_wwn'] == one['initiator']):
                for mapped in acl['mapped_luns']:
                    lun = next(lun for lun in target['tpgs'][0]['luns'] if lun['index'] == mapped['tpg_lun'])
                    mode = 'r' if mapped['write_protect'] else 'rw'
                    shell.say(f"    mapped-lun: {mapped['index']} backstore: {lun['storage_object'].removeprefix('/backstores/')} mode: {mode}")
        shell.say(f"    address: {one['address']} (TCP)  cid: 0 connection-state: LOGGED_IN")


# walking and looking

def ls(shell, node, path='.', depth='0'):
    for line in show(find(shell.top, node, path), int(depth) if depth.isdigit() else 0):
        shell.say(line)


def cd(shell, node, path='/'):
    shell.here = find(shell.top, node, path).path


def pwd(shell, node):
    shell.say(node.path)


def info(shell, node):
    if node.kind != 'so':
        shell.say(f'{node.kind}: {node.name}')
        return
    so = node.thing
    for key in sorted(key for key in so if key not in ('alua_tpgs', 'attributes')):
        shell.say(f'{key}: {so[key]}')


def version(shell, node):
    shell.say(f'targetcli version {shell.version}')


def leave(shell, node):
    shell.done = True


COMMON = {'ls': ls, 'cd': cd, 'pwd': pwd, 'info': info, 'get': get_group, 'set': set_group, 'exit': leave}
BY_KIND = {
    'root': {'saveconfig': saveconfig, 'restoreconfig': restoreconfig, 'clearconfig': clearconfig, 'sessions': sessions, 'version': version},
    'plugin': {'delete': delete_so},
    'fabric': {'create': create_target, 'delete': delete_target},
    'tpg': {'enable': lambda shell, node: enable(shell, node, True), 'disable': lambda shell, node: enable(shell, node, False)},
    'luns': {'create': create_lun, 'delete': delete_lun},
    'acls': {'create': create_acl, 'delete': delete_acl},
    'acl': {'create': create_mapped, 'delete': delete_mapped},
    'portals': {'create': create_portal, 'delete': delete_portal},
}
CREATE_SO = {'fileio': create_fileio, 'block': create_block, 'ramdisk': create_ramdisk}


def command_of(node, name):
    if node.kind == 'plugin' and name == 'create' and node.thing in CREATE_SO:
        return CREATE_SO[node.thing]
    command = BY_KIND.get(node.kind, {}).get(name) or COMMON.get(name)
    if command is None:
        raise TargetError(f'Command not found {name}')
    return command
