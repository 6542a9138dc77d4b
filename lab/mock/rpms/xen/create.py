"""xl create: the checks in the order of the true one, each failure with its words; 1 for a bad text, 3 for the rest."""
import os

import domain
import guest
import host
import store
import xlcfg
from domain import destruction_failed, fail, say

IMAGE_SCALE = 4


def _read(file):
    try:
        with open(file, encoding='utf-8') as stream:
            return stream.read()
    except OSError as error:
        fail(f'Failed to read config file: {file}: {error.strerror}', code=3)


def _options(args):
    flags, file, extra = set(), None, []
    words = iter(args)
    for word in words:
        if word in ('-f', '--defconfig'):
            file = next(words, None)
        elif word.startswith('--defconfig='):
            file = word.split('=', 1)[1]
        elif word.startswith('-'):
            flags |= {{'--dryrun': 'n', '--quiet': 'q'}.get(word, '')} if word.startswith('--') else set(word[1:])
        elif file is None:
            file = word
        else:
            extra.append(word)
    return flags, file, extra


def _missing_file(domid, what, file, line):
    return [
        f'xc: error: panic: xg_dom_core.c:205: failed to open file \'{file}\': No such file or directory: Internal error',
        f'libxl: error: libxl_dom.c:{line}:libxl__domain_firmware: xc_dom_{what}_file failed: No such file or directory',
        'libxl: error: libxl_dom.c:1075:libxl__build_hvm: initializing domain firmware failed',
        cannot_build(domid, -1),
    ]


def cannot_build(domid, code):
    return f'libxl: error: libxl_create.c:1640:domcreate_rebuild_done: Domain {domid}:cannot (re-)build domain: {code}'


def _build_errors(domid, config, mib):
    build = config['b_info']
    kernel, ramdisk = build.get('kernel'), build.get('ramdisk')
    if not kernel:
        return ['libxl: error: libxl_dom.c:880:libxl__domain_firmware: no kernel specified', cannot_build(domid, -6)]
    if not os.path.isfile(kernel):
        return _missing_file(domid, 'kernel', kernel, 909)
    if ramdisk and not os.path.isfile(ramdisk):
        return _missing_file(domid, 'ramdisk', ramdisk, 926)
    if os.path.getsize(kernel) == 0:
        return [
            'xc: error: panic: xg_dom_core.c:689: xc_dom_find_loader: no loader found: Invalid kernel',
            'libxl: error: libxl_dom.c:571:libxl__build_dom: xc_dom_parse_image failed', cannot_build(domid, -3),
        ]
    host.balloon_for(mib)
    if mib > host.free_mib():
        return [
            'xc: error: panic: xg_dom_boot.c:119: xc_dom_boot_mem_init: can\'t allocate low memory for domain: Out of memory',
            'libxl: error: libxl_dom.c:586:libxl__build_dom: xc_dom_boot_mem_init failed: Cannot allocate memory',
            cannot_build(domid, -3),
        ]
    pages = mib * 256
    need = (os.path.getsize(kernel) * IMAGE_SCALE + (os.path.getsize(ramdisk) if ramdisk else 0)) // 4096
    if need > pages:
        return [
            f'xc: error: panic: xg_dom_core.c:536: xc_dom_chk_alloc_pages: segment module0 too large ({need:#x} > {pages:#x} - {pages - 1:#x} pages): Out of memory',
            'libxl: error: libxl_dom.c:594:libxl__build_dom: xc_dom_build_image failed: No such file or directory',
            cannot_build(domid, -3),
        ]
    return []


def _disk_in_use(domid, config):
    mine = {os.path.realpath(disk['pdev_path']) for disk in config.get('disks') or [] if disk.get('readwrite')}
    for other in store.domids():
        if other == domid:
            continue
        for disk in store.config_of(other).get('disks') or []:
            device = os.path.realpath(disk['pdev_path'])
            if disk.get('readwrite') and device in mine:
                return [
                    f'libxl: error: libxl_exec.c:117:libxl_report_child_exitstatus: /etc/xen/scripts/block add [{os.getpid() + 30}] exited with error status 1',
                    f'libxl: error: libxl_device.c:1337:device_hotplug_child_death_cb: script: Device {device} is mounted in a guest domain,',
                    'and so cannot be mounted now.',
                    f'libxl: error: libxl_create.c:1672:domcreate_launch_dm: Domain {domid}:unable to add disk devices',
                ]
    return []


def build(config, keep_paused=False):
    """Makes and starts a domain of a configuration. Returns (domid, the lines of its failure or [])."""
    domid = store.next_domid()
    name = config['c_info']['name']
    mib = config['b_info']['target_memkb'] // 1024
    if not store.add(domid, name, config):
        return domid, domain.cannot_make(domid, name) + destruction_failed(domid)
    errors = domain.missing_disk(domid, config) or _build_errors(domid, config, mib)
    if not errors:
        store.write_memory_mib(domid, mib)
        errors = _disk_in_use(domid, config) or domain.missing_bridge(domid, config, os.getpid() + 20)
    if errors:
        store.remove(domid)
        return domid, errors + destruction_failed(domid)
    domain.spawn(domid, guest.fresh_state())
    domain.log_line(name, f'Waiting for domain {name} (domid {domid}) to die [pid {os.getpid()}]')
    if not keep_paused:
        store.change(domid, paused=0)
        domain.go(domid)
    return domid, []


def create(args, dry_run=False):
    flags, file, extra = _options(args)
    if file is None:
        fail('xl create requires a config file')
    text = _read(file)
    if 'q' not in flags:
        say(f'Parsing config from {file}')
    try:
        settings = xlcfg.parse(text + ''.join(f'\n{line}' for line in extra), file)
        config = xlcfg.to_libxl(settings, file, say)
    except xlcfg.ConfigError as error:
        fail(str(error))
    if dry_run or 'n' in flags:
        import listing
        print(listing.render_json(config))
        return 0
    if config['c_info']['type'] == 'hvm':
        domid = store.next_domid()
        fail('libxl: error: libxl_dom.c:818:libxl__load_hvm_firmware_module: failed to read BIOS file: No such file or directory',
             'libxl: error: libxl_dom.c:1075:libxl__build_hvm: initializing domain firmware failed',
             cannot_build(domid, -3), *destruction_failed(domid), code=3)
    _domid, errors = build(xlcfg.retrieved(config), keep_paused='p' in flags)
    if errors:
        fail(*errors, code=3)
    return 0


def restart(domid):
    """A new domain of the same configuration under a new id, as after on_reboot="restart"."""
    config = store.config_of(domid)
    domain.destroy(domid)
    build(config)


