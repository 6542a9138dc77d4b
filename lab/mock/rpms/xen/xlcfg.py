"""xl.cfg text to libxl's JSON: the scanner's words and errors are those of the true one."""
import random
import re
import uuid

TOKEN = re.compile(r'''
    (?P<space>[ \t\r]+|\#[^\n]*|\\\n) | (?P<newline>\n) | (?P<string>"[^"\n]*"|'[^'\n]*')
  | (?P<number>-?0[xX][0-9a-fA-F]+|-?[0-9]+) | (?P<ident>[A-Za-z_][A-Za-z0-9_]*) | (?P<punct>\+=|[=\[\],;])
  | (?P<bad>"[^"\n]*|'[^'\n]*|.)''', re.VERBOSE)
LONG_NAMES = {'ident': 'IDENT', 'string': 'STRING', 'number': 'NUMBER', 'newline': 'NEWLINE', 'end': 'end of file'}


class ConfigError(Exception):
    """The lines to print; xl then says "Failed to parse config: Invalid argument" and exits 1."""


def _scan(text):
    line = 1
    for found in TOKEN.finditer(text):
        kind, word = found.lastgroup, found.group()
        if kind == 'bad':
            raise ConfigError(f'{line}: config parsing error near `{word}\': lexical error')
        if kind != 'space':
            yield kind, word, line
        line += word.count('\n')
    yield 'newline', '\n', line
    yield 'end', '', line


class _Parser:
    def __init__(self, text):
        self._tokens = list(_scan(text))
        self._at = 0

    def _next(self):
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _wrong(self, token, expected):
        kind, word, line = token
        name = LONG_NAMES.get(kind, f"'{word}'")
        raise ConfigError(f'{line}: config parsing error near `{word}\': syntax error, unexpected {name}, expecting {expected}')

    def _skip_newlines(self):
        while self._tokens[self._at][0] == 'newline':
            self._at += 1

    def _value(self):
        kind, word, _ = token = self._next()
        if kind == 'string':
            return word[1:-1]
        if kind == 'number':
            return int(word, 0)
        if word != '[':
            self._wrong(token, "STRING or NUMBER or '['")
        items = []
        while True:
            self._skip_newlines()
            if self._tokens[self._at][1] == ']':
                self._at += 1
                return items
            items.append(self._value())
            self._skip_newlines()
            after = self._next()
            if after[1] == ']':
                return items
            if after[1] != ',':
                self._wrong(after, "',' or ']'")

    def settings(self):
        found = {}
        while self._tokens[self._at][0] != 'end':
            kind, word, _ = token = self._next()
            if kind == 'newline' or word == ';':
                continue
            if kind != 'ident':
                self._wrong(token, 'IDENT')
            equals = self._next()
            if equals[1] not in ('=', '+='):
                self._wrong(equals, "'=' or \"+=\"")
            value, line = self._value(), equals[2]
            end = self._next()
            if end[0] not in ('newline', 'end') and end[1] != ';':
                self._wrong(end, "NEWLINE or ';'")
            if equals[1] == '+=' and word in found:
                value = found[word][0] + value
            found[word] = (value, line)
        return found


def parse(text, source):
    """name -> (value, line)."""
    try:
        return _Parser(text).settings()
    except ConfigError as error:
        raise ConfigError(f'{source}:{error}\nFailed to parse config: Invalid argument') from error


def disk_of(text):
    """`phy:/dev/x,xvda,w`, `/dev/x,raw,xvda,rw` and `format=raw,vdev=xvda,access=rw,target=/dev/x`."""
    disk = {'pdev_path': '', 'vdev': 'xvda', 'backend': 'phy', 'format': 'raw', 'readwrite': 1}
    words = [word.strip() for word in text.split(',')]
    old = re.match(r'(phy|file|tap2?|raw|qcow2?):', words[0])
    if old:
        words[0] = words[0][old.end():]
        words.insert(1, 'raw')
    keys = iter(['target', 'format', 'vdev', 'access'])
    for word in words:
        key, equals, value = word.partition('=')
        if not equals:
            key, value = next(keys, 'extra'), word
        if key == 'target':
            disk['pdev_path'] = value
        elif key == 'access':
            disk['readwrite'] = 0 if value in ('r', 'ro') else 1
        elif key in ('vdev', 'format') and value:
            disk[key] = value
        elif key == 'backendtype':
            disk['backend'] = value
    return disk


def nic_of(text, index):
    fields = dict(word.strip().partition('=')[::2] for word in text.split(',') if word.strip())
    mac = fields.get('mac') or '00:16:3e:' + ':'.join(f'{random.randrange(256):02x}' for _ in range(3))
    return {'devid': index, 'mac': mac.lower(), 'bridge': fields.get('bridge', 'xenbr0')}


def to_libxl(settings, source, warn):
    """The configuration as `xl create -n` prints it. warn() takes lines for stderr."""

    def number(key):
        value, line = settings.get(key, (None, 0))
        if value is None or isinstance(value, int):
            return value
        if isinstance(value, str) and re.fullmatch(r'-?\d+', value):
            return int(value)
        warn(f'{source}:{line}: warning: parameter `{key}\' is not a valid number')
        return None

    def text(key):
        value = settings.get(key, (None, 0))[0]
        return None if value is None else str(value)

    kind = text('type') or ('hvm' if text('builder') == 'hvm' else 'pv')
    if kind not in ('pv', 'pvh', 'hvm'):
        raise ConfigError(f'Invalid domain type {kind}.')
    name = text('name')
    if not name:
        raise ConfigError('Domain name must be specified.')
    info = {'type': kind, 'name': name, 'uuid': text('uuid') or str(uuid.uuid4()), 'run_hotplug_scripts': 'True'}
    build = {}
    vcpus = number('vcpus')
    if vcpus:
        build['max_vcpus'] = number('maxvcpus') or vcpus
        build['avail_vcpus'] = list(range(vcpus))
    memory = number('memory')
    if memory:
        build['max_memkb'] = (number('maxmem') or memory) * 1024
        build['target_memkb'] = memory * 1024
    sched = {}
    if number('cpu_weight') is not None:
        sched['weight'] = number('cpu_weight')
    if number('cap') is not None:
        sched['cap'] = number('cap')
    build.update({'sched_params': sched, 'claim_mode': 'True'})
    if text('kernel'):
        build['kernel'] = text('kernel')
    root, extra = text('root'), text('extra')
    line = text('cmdline') or ' '.join(part for part in (f'root={root}' if root else None, extra) if part)
    if line:
        build['cmdline'] = line
    if text('ramdisk'):
        build['ramdisk'] = text('ramdisk')
    build.update({f'type.{kind}': {}, 'arch_arm': {}, 'arch_x86': {}})
    config = {'c_info': info, 'b_info': build}
    disks = [disk_of(item) for item in settings.get('disk', ([], 0))[0]]
    nics = [nic_of(item, index) for index, item in enumerate(settings.get('vif', ([], 0))[0])]
    if disks:
        config['disks'] = disks
    if nics:
        config['nics'] = nics
    for event, usual in (('on_poweroff', 'destroy'), ('on_reboot', 'restart'), ('on_crash', 'destroy')):
        action = (text(event) or usual).replace('-', '_')
        if action != 'destroy':
            config[event] = action
    config['on_soft_reset'] = text('on_soft_reset') or 'soft_reset'
    return config


def retrieved(config):
    """What libxl adds once the domain exists: the form of `xl list -l`, kept and sent to the other host."""
    info, build = config['c_info'], config['b_info']
    info = {'type': info['type'], 'name': info['name'], 'domid': 4294967295, **info}
    full = {'max_vcpus': build.get('max_vcpus', 1), 'avail_vcpus': build.get('avail_vcpus', [0]),
            'max_memkb': build.get('max_memkb', 32768), 'target_memkb': build.get('target_memkb', 32768),
            'video_memkb': 0, 'sched_params': {'sched': 'credit2', 'weight': 256, 'cap': 0, **build['sched_params']}}
    full.update({key: value for key, value in build.items() if key not in full})
    full['arch_x86'] = {'msr_relaxed': 'False'}
    config = {**config, 'c_info': info, 'b_info': full}
    if 'disks' in config:
        config['disks'] = [{**disk, 'colo_restore_enable': 'False'} for disk in config['disks']]
    if 'nics' in config:
        config['nics'] = [{**nic, 'nictype': 'vif'} for nic in config['nics']]
    return config
