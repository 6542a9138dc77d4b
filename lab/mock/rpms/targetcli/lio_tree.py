"""The tree that `ls` shows and that paths walk: built anew from the live state for each command."""
import re

from lio_state import TargetError

WIDTH = 132


class Node:
    def __init__(self, name, summary, kind, thing=None, parent=None):
        self.name, self.summary, self.kind, self.thing, self.parent = name, summary, kind, thing, parent
        self.children = []
        if parent:
            parent.children.append(self)

    @property
    def path(self):
        if self.parent is None:
            return '/'
        return self.parent.path.rstrip('/') + '/' + self.name


def human(size):
    for unit in ('bytes', 'KiB', 'MiB', 'GiB', 'TiB'):
        if size < 1024 or unit == 'TiB':
            return f'{size}{unit}' if unit == 'bytes' else f'{size:.1f}{unit}'
        size /= 1024


def so_path(so):
    return f"{so['plugin']}/{so['name']}"


def in_use(data, so):
    wanted = '/backstores/' + so_path(so)
    return any(lun['storage_object'] == wanted for target in data['targets'] for tpg in target['tpgs'] for lun in tpg['luns'])


def so_summary(data, so):
    status = 'activated' if in_use(data, so) else 'deactivated'
    if so['plugin'] == 'ramdisk':
        return f"({human(so['size'])}) {status}"
    return f"{so['dev']} ({human(so['size'])}) {'write-back' if so.get('write_back') else 'write-thru'} {status}"


def tpg_summary(tpg):
    if not tpg['enable']:
        return 'disabled'
    generate, auth = tpg['attributes']['generate_node_acls'], tpg['attributes']['authentication']
    words = ['gen-acls' if generate else 'no-gen-acls']
    words.append('no-auth' if not auth else 'tpg-auth' if generate else 'auth per-acl')
    return ', '.join(words)


def acl_summary(acl):
    if acl.get('chap_mutual_userid') and acl.get('chap_mutual_password'):
        auth = 'mutual auth'
    else:
        auth = '1-way auth' if acl.get('chap_userid') and acl.get('chap_password') else 'no-auth'
    return f"{auth}, Mapped LUNs: {len(acl['mapped_luns'])}"


def so_of(data, path):
    for so in data['storage_objects']:
        if path == '/backstores/' + so_path(so):
            return so
    return None


def lun_summary(data, lun):
    so = so_of(data, lun['storage_object'])
    where = f" ({so['dev']})" if 'dev' in so else ''
    return f"{so_path(so)}{where} ({lun['alua_tg_pt_gp_name']})"


def build(data):
    top = Node('/', '...', 'root')
    backstores = Node('backstores', '...', 'backstores', None, top)
    for plugin in ('block', 'fileio', 'pscsi', 'ramdisk'):
        mine = [so for so in data['storage_objects'] if so['plugin'] == plugin]
        folder = Node(plugin, f'Storage Objects: {len(mine)}', 'plugin', plugin, backstores)
        for so in mine:
            node = Node(so['name'], so_summary(data, so), 'so', so, folder)
            groups = Node('alua', 'ALUA Groups: 1', 'alua', None, node)
            Node('default_tg_pt_gp', 'ALUA state: Active/optimized', 'alua_group', None, groups)
    iscsi = Node('iscsi', f"Targets: {len(data['targets'])}", 'fabric', None, top)
    for target in data['targets']:
        node = Node(target['wwn'], f"TPGs: {len(target['tpgs'])}", 'target', target, iscsi)
        for tpg in target['tpgs']:
            build_tpg(data, target, tpg, Node(f"tpg{tpg['tag']}", tpg_summary(tpg), 'tpg', tpg, node))
    for fabric in ('loopback', 'vhost', 'xen-pvscsi'):
        Node(fabric, 'Targets: 0', 'other_fabric', None, top)
    return top


def build_tpg(data, target, tpg, node):
    acls = Node('acls', f"ACLs: {len(tpg['node_acls'])}", 'acls', tpg, node)
    for acl in tpg['node_acls']:
        one = Node(acl['node_wwn'], acl_summary(acl), 'acl', acl, acls)
        for mapped in acl['mapped_luns']:
            lun = next(lun for lun in tpg['luns'] if lun['index'] == mapped['tpg_lun'])
            mode = 'ro' if mapped['write_protect'] else 'rw'
            text = f"lun{lun['index']} {lun['storage_object'].removeprefix('/backstores/')} ({mode})"
            Node(f"mapped_lun{mapped['index']}", text, 'mapped_lun', mapped, one)
    luns = Node('luns', f"LUNs: {len(tpg['luns'])}", 'luns', tpg, node)
    for lun in tpg['luns']:
        Node(f"lun{lun['index']}", lun_summary(data, lun), 'lun', lun, luns)
    portals = Node('portals', f"Portals: {len(tpg['portals'])}", 'portals', tpg, node)
    for portal in tpg['portals']:
        Node(f"{portal['ip_address']}:{portal['port']}", 'OK', 'portal', portal, portals)


def order(node):
    match = re.match(r'(.*?)(\d+)$', node.name)
    return (match.group(1), int(match.group(2))) if match else (node.name, 0)


def show(node, depth=0):
    """Lines of `ls`: depth 0 shows all below."""
    lines = []

    def line(one, prefix, below, level):
        head = f'{prefix}o- {one.name} '
        tail = f' [{one.summary}]'
        lines.append(head + '.' * max(WIDTH - len(head) - len(tail), 1) + tail)
        if depth and level >= depth:
            return
        children = sorted(one.children, key=order)
        for child in children:
            last = child is children[-1]
            line(child, below, below + ('  ' if last else '| '), level + 1)

    line(node, '', '  ', 0)
    return lines


def find(top, here, path):
    node = top if path.startswith('/') else here
    for name in path.split('/'):
        if name in ('', '.'):
            continue
        if name == '..':
            node = node.parent or node
            continue
        node = next((child for child in node.children if child.name == name), None)
        if node is None:
            # The true tool names the whole path that it looked for.
            raise TargetError(f"No such path {path if path.startswith('/') else here.path.rstrip('/') + '/' + path}")
    return node
