"""xenstore-ls, xenstore-read and xenstore-list over what the mock hypervisor knows, and xen-detect."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import host  # noqa: E402
import store  # noqa: E402

SHOWN = 65


def _put(tree, path, value):
    node = tree
    for part in path.strip('/').split('/'):
        node = node.setdefault(part, {'': ''})
    node[''] = str(value)


def _dom0(tree):
    kib = host.dom0_mib() * 1024
    for key, value in (('control/feature-poweroff', 1), ('control/feature-reboot', 1), ('control/feature-suspend', 1),
                       ('domid', 0), ('memory/static-max', kib), ('memory/target', kib), ('name', 'Domain-0')):
        _put(tree, f'local/domain/0/{key}', value)


def _guest(tree, domid):
    config, name = store.config_of(domid), store.name_of(domid)
    if name is None or not config:
        return
    home, uuid, build = f'local/domain/{domid}', config['c_info']['uuid'], config['b_info']
    rows = [('control/shutdown', ''), ('control/feature-suspend', 1), ('domid', domid), ('name', name), ('vm', f'/vm/{uuid}'),
            ('memory/static-max', build['max_memkb']), ('memory/target', build['target_memkb']), ('memory/videoram', 0)]
    rows += [(f'cpu/{cpu}/availability', 'online') for cpu in build['avail_vcpus']]
    for key, value in rows:
        _put(tree, f'{home}/{key}', value)
    _put(tree, f'vm/{uuid}/name', name)
    _put(tree, f'vm/{uuid}/start_time', f'{store.status_of(domid).get("started", 0):.2f}')
    _put(tree, f'vm/{uuid}/uuid', uuid)
    _put(tree, f'libxl/{domid}/dm-version', 'qemu_xen')
    _put(tree, f'libxl/{domid}/type', config['c_info']['type'])
    for nic in config.get('nics') or []:
        _device(tree, domid, 'vif', nic['devid'], {'bridge': nic['bridge'], 'mac': nic['mac'], 'handle': nic['devid'],
                                                   'script': '/etc/xen/scripts/vif-bridge', 'type': 'vif'})
    for index, disk in enumerate(config.get('disks') or []):
        _device(tree, domid, 'vbd', 51712 + 16 * index, {
            'dev': disk['vdev'], 'device-type': 'disk', 'mode': 'w' if disk['readwrite'] else 'r',
            'params': disk['pdev_path'], 'physical-device-path': os.path.realpath(disk['pdev_path']),
            'script': '/etc/xen/scripts/block', 'type': disk['backend']})


def _device(tree, domid, kind, number, fields):
    back, front = f'/local/domain/0/backend/{kind}/{domid}/{number}', f'/local/domain/{domid}/device/{kind}/{number}'
    for key, value in {**fields, 'frontend': front, 'frontend-id': domid, 'hotplug-status': 'connected', 'online': 1, 'state': 4}.items():
        _put(tree, f'{back}/{key}', value)
    for key, value in {'backend': back, 'backend-id': 0, 'state': 4}.items():
        _put(tree, f'{front}/{key}', value)


def tree():
    found = {'': ''}
    for path in ('@introduceDomain', '@releaseDomain'):
        _put(found, path, '')
    _dom0(found)
    for domid in store.domids():
        _guest(found, domid)
    _put(found, 'local/pool/0/name', 'Pool-0')
    _put(found, 'tool/xenstored', '/usr/bin/oxenstored')
    return found


def node_at(path):
    """Relative paths are dom0's own, as those of a true client there."""
    full = path if path.startswith('/') else f'/local/domain/0/{path}'
    node = tree()
    for part in filter(None, full.split('/')):
        node = node.get(part)
        if node is None:
            return None
    return node


def show(node, depth=0):
    for key in sorted(key for key in node if key):
        value = node[key]['']
        cut = f'{value[:SHOWN]}\\...' if len(value) > SHOWN + depth else value
        print(f'{" " * depth}{key} = "{cut}"')
        show(node[key], depth + 1)


def main(tool, args):
    paths = [arg for arg in args if not arg.startswith('-')]
    if tool == 'xen-detect':
        booted = host.xen_booted()
        print(f'Running in PV context on Xen V{host.VERSION.rpartition(".")[0]}.' if booted else 'Not running on Xen.')
        return 1 if booted else 0
    if not host.xen_booted():
        sys.stderr.write(f'{tool}: xs_open: No such file or directory\n')
        return 1
    for path in paths or (['/'] if tool == 'xenstore-ls' else []):
        node = node_at(path)
        if node is None:
            wording = {'xenstore-read': f"couldn't read path {path}", 'xenstore-list': f"could not list path {path}"}
            sys.stderr.write(f'{tool}: {wording.get(tool, f"xs_directory ({path}): No such file or directory")}\n')
            return 1
        if tool == 'xenstore-read':
            print(node[''])
        elif tool == 'xenstore-list':
            print('\n'.join(sorted((key for key in node if key), key=lambda key: (not key.isdigit(), int(key) if key.isdigit() else 0, key))))
        else:
            show(node)
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1], sys.argv[2:]))
