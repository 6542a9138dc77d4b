"""Node records: where open-iscsi keeps them and what they hold."""
import os
import re
import shutil

ROOT = os.environ.get('MOCK_ROOT', '')
NODES = ROOT + '/var/lib/iscsi/nodes'
DISCOVERIES = ROOT + '/var/lib/iscsi/send_targets'
TEMPLATE = ROOT + '/usr/lib/mock-iscsi/node-record'
VERSION = '2.1.8'
PASSWORDS = ('node.session.auth.password', 'node.session.auth.password_in')
CHOICES = {
    'node.startup': ('manual', 'automatic', 'onboot'),
    'node.conn[0].startup': ('manual', 'automatic', 'onboot'),
    'node.leading_login': ('Yes', 'No'),
    'node.session.auth.authmethod': ('None', 'CHAP'),
    'node.session.scan': ('manual', 'auto'),
}


class IscsiError(Exception):
    """An exit code and the lines that go to stderr."""

    def __init__(self, code, *lines):
        super().__init__(*lines)
        self.code, self.lines = code, lines


def pairs(text):
    out = {}
    for line in text.split('\n'):
        name, mark, value = line.partition(' = ')
        if mark and not line.startswith('#'):
            out[name.strip()] = value.strip()
    return out


def defaults():
    """A new record: the built-in values, then those of iscsid.conf."""
    record = pairs(open(TEMPLATE).read())
    try:
        record.update({name: value for name, value in pairs(open(ROOT + '/etc/iscsi/iscsid.conf').read()).items() if name in record})
    except OSError:
        pass
    return record


def folder(record):
    tpgt = record['node.tpgt']
    return f"{NODES}/{record['node.name']}/{record['node.conn[0].address']},{record['node.conn[0].port']},{tpgt}"


def write(record):
    os.makedirs(folder(record), mode=0o700, exist_ok=True)
    handle = os.open(folder(record) + '/default', os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(handle, 'w') as out:
        out.write(f'# BEGIN RECORD {VERSION}\n')
        out.write(''.join(f'{name} = {value}\n' for name, value in record.items() if value != '<empty>'))
        out.write('# END RECORD\n')


def read_all():
    """Every record, by target name and portal."""
    out = []
    for name in sorted(os.listdir(NODES)) if os.path.isdir(NODES) else []:
        for portal in sorted(os.listdir(f'{NODES}/{name}')):
            path = f'{NODES}/{name}/{portal}/default'
            if os.path.exists(path):
                record = dict.fromkeys(pairs(open(TEMPLATE).read()), '<empty>')
                record.update(pairs(open(path).read()))
                out.append(record)
    return out


def new(target, address, port, tpgt, found_at=None):
    record = defaults()
    record.update({'node.name': target, 'node.tpgt': str(tpgt), 'node.conn[0].address': address, 'node.conn[0].port': str(port)})
    if found_at:
        record.update({'node.discovery_address': found_at[0], 'node.discovery_port': str(found_at[1]), 'node.discovery_type': 'send_targets'})
    else:
        record.update({'node.discovery_address': '<empty>', 'node.discovery_port': '0', 'node.discovery_type': 'static'})
    return record


def remove(record):
    shutil.rmtree(folder(record), ignore_errors=True)
    try:
        os.rmdir(os.path.dirname(folder(record)))
    except OSError:
        pass
    for at in os.listdir(DISCOVERIES) if os.path.isdir(DISCOVERIES) else []:
        link = f'{DISCOVERIES}/{at}/{link_name(record)}'
        if os.path.islink(link):
            os.unlink(link)


def link_name(record):
    return ','.join((record['node.name'], record['node.conn[0].address'], record['node.conn[0].port'], record['node.tpgt'], 'default'))


def link(record, at):
    path = f'{DISCOVERIES}/{at[0]},{at[1]}/{link_name(record)}'
    if not os.path.islink(path):
        os.symlink(folder(record).removeprefix(ROOT), path)


def change(record, name, value):
    failed = 'Could not execute operation on all records: invalid parameter'
    if name not in record:
        raise IscsiError(7, f'Cannot modify {name}. Invalid param name.', failed)
    before = record[name]
    number = re.fullmatch(r'-?\d+', before) and name not in CHOICES
    if (name in CHOICES and value not in CHOICES[name]) or (number and not re.fullmatch(r'-?\d+', value)):
        raise IscsiError(7, f"unknown value format '{value}' for parameter name '{name}'", f'Unknown parameter {name}.', failed)
    record[name] = value or '<empty>'


def show(record, secrets):
    print(f'# BEGIN RECORD {VERSION}')
    for name, value in record.items():
        hidden = name in PASSWORDS and value != '<empty>' and not secrets
        print(f"{name} = {'********' if hidden else value}")
    print('# END RECORD')


def discovery_record(address, port):
    return f"""# BEGIN RECORD {VERSION}
discovery.startup = manual
discovery.type = sendtargets
discovery.sendtargets.address = {address}
discovery.sendtargets.port = {port}
discovery.sendtargets.auth.authmethod = None
discovery.sendtargets.auth.username = <empty>
discovery.sendtargets.auth.password = <empty>
discovery.sendtargets.auth.username_in = <empty>
discovery.sendtargets.auth.password_in = <empty>
node.session.auth.chap_algs = MD5
discovery.sendtargets.timeo.login_timeout = 15
discovery.sendtargets.use_discoveryd = No
discovery.sendtargets.discoveryd_poll_inval = 30
discovery.sendtargets.reopen_max = 5
discovery.sendtargets.timeo.auth_timeout = 45
discovery.sendtargets.timeo.active_timeout = 30
discovery.sendtargets.iscsi.MaxRecvDataSegmentLength = 32768
# END RECORD"""


def keep_discovery(address, port):
    path = f'{DISCOVERIES}/{address},{port}'
    os.makedirs(path, mode=0o700, exist_ok=True)
    with open(path + '/st_config', 'w') as out:
        out.write(discovery_record(address, port) + '\n')
