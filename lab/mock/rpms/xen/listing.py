"""The read-only words: list, vcpu-list, uptime, domid, domname, sched-credit2, network-list, block-list, claims."""
import json
import re
import sys
import time

import host
import store
from domain import fail

HEADING = f'{"Name":<40} {"ID":>5} {"Mem":>5} VCPUs\tState\tTime(s)'


def invalid(word):
    return f'{word} is an invalid domain identifier (rc=-6)'


def need(word, code=1):
    """Domain id of a word, or the true refusal."""
    domid = store.find(word)
    if domid is None:
        fail(invalid(word), code=code)
    return domid


def render_json(value):
    """yajl's look: four spaces, and an empty map is two braces around an empty line."""
    text = json.dumps(value, indent=4)
    return re.sub(r'^( *)(.*)\{\}', r'\1\2{\n\n\1}', text, flags=re.MULTILINE)


def _all():
    return [0, *store.domids()]


def _facts(domid):
    """name, MiB, VCPUs, state letters, CPU seconds, uuid, reason letter."""
    if domid == 0:
        return {'name': 'Domain-0', 'mib': host.dom0_mib(), 'vcpus': host.dom0_vcpus(), 'state': 'r-----',
                'cpu': host.dom0_cpu_seconds(), 'uuid': '0' * 8 + '-0000-0000-0000-' + '0' * 12, 'reason': None}
    status, config, name = store.status_of(domid), store.config_of(domid), store.name_of(domid)
    if name is None or not status:
        return None
    reason = status.get('shutdown')
    running = store.is_running(status)
    busy = running and store.used_percent(config) >= 50
    letters = [
        'r' if busy else '-', 'b' if running and not busy else '-', 'p' if status.get('paused') else '-',
        '-' if reason is None else 's', '-' if reason is None else '-rscw'[reason], 'd' if status.get('dying') else '-',
    ]
    off = reason in (0, 1) and status.get('paused')
    vcpus = 0 if off and reason == 0 else config.get('b_info', {}).get('max_vcpus', 1)
    return {'name': name, 'mib': store.memory_mib(domid), 'vcpus': vcpus, 'state': ''.join(letters),
            'cpu': store.cpu_seconds(status, config), 'uuid': config.get('c_info', {}).get('uuid', ''), 'reason': reason}


def _long(domid):
    if domid:
        return {'domid': domid, 'config': store.config_of(domid)}
    kib = host.dom0_mib() * 1024
    return {'domid': 0, 'config': {'c_info': {'type': 'pv', 'name': 'Domain-0'}, 'b_info': {
        'max_memkb': kib, 'target_memkb': kib - 1, 'sched_params': {'sched': 'credit2', 'weight': 256, 'cap': 0},
        'type.pv': {}, 'arch_arm': {}, 'arch_x86': {}}}}


def list_domains(args):
    flags = {flag for arg in args if arg.startswith('-') for flag in
             ([{'--long': 'l', '--verbose': 'v', '--context': 'Z', '--cpupool': 'c', '--numa': 'n'}.get(arg, '?')]
              if arg.startswith('--') else arg[1:])}
    names = [arg for arg in args if not arg.startswith('-')]
    if len(names) > 1:
        import usage
        print(usage.of('list'), end='')
        return 1
    if names and names[0].isdigit() and store.find(names[0]) is None:
        fail(f"Error: Domain '{names[0]}' does not exist.")
    domids = [need(names[0])] if names else _all()
    if 'l' in flags:
        print(render_json([_long(domid) for domid in domids]) + '\n')
        return 0
    heading = HEADING
    if 'v' in flags:
        heading += '   UUID                            Reason-Code\tSecurity Label'
    if 'c' in flags:
        heading += '         Cpupool'
    print(heading)
    for domid in domids:
        facts = _facts(domid)
        if facts is None:
            continue
        row = f'{facts["name"]:<40} {domid:5d} {facts["mib"]:5d} {facts["vcpus"]:5d}     {facts["state"]}  {facts["cpu"]:8.1f}'
        if 'v' in flags:
            reason = '-' if facts['reason'] is None else f'{facts["reason"]:x}'
            row += f' {facts["uuid"]} {reason:>8} {"-":>16}'
        if 'c' in flags:
            row += f' {"Pool-0":>15}'
        print(row)
    return 0


def claims(_args):
    print(HEADING + '  Claimed')
    for domid in _all():
        facts = _facts(domid)
        if facts:
            print(f'{facts["name"]:<40} {domid:5d} {facts["mib"]:5d} {facts["vcpus"]:5d}     {facts["state"]}  {facts["cpu"]:8.1f} {0:5d}')
    return 0


def vcpu_list(args):
    print(f'{"Name":<32} {"ID":>5} {"VCPU":>5} {"CPU":>5} {"State":>5} {"Time(s)":>9} Affinity (Hard / Soft)')
    sys.stdout.flush()
    for domid in ([need(word) for word in args] if args else _all()):
        facts = _facts(domid)
        if facts is None:
            continue
        run, blocked, paused = facts['state'][:3]
        for vcpu in range(facts['vcpus']):
            share = facts['cpu'] / facts['vcpus']
            print(f'{facts["name"]:<32} {domid:5d} {vcpu:5d} {vcpu:4d}   {run}{blocked}{paused} {share:9.1f}  all / all')
    return 0


def _clock(seconds):
    days, rest = divmod(int(seconds), 86400)
    text = f'{rest // 3600}:{rest % 3600 // 60:02d}:{rest % 60:02d}'
    return f'{days} day{"s" if days > 1 else ""}, {text:>8}' if days else text


def uptime(args):
    print(f'{"Name":<33} {"ID":>4} Uptime')
    for domid in ([need(word) for word in args] if args else _all()):
        since = host.uptime_s() if domid == 0 else time.monotonic() - store.status_of(domid).get('created_at', 0)
        print(f'{store.name_of(domid):<33} {domid:4d} {_clock(since)}')
    return 0


def domid_of(args):
    found = store.find_by_name(args[0])
    if found is None:
        fail(f"Can't get domid of domain name '{args[0]}', maybe this domain does not exist.")
    print(found)
    return 0


def domname_of(args):
    if not args[0].isdigit():
        fail('Invalid domain id.', '')
    name = store.name_of(int(args[0]))
    if name is None:
        fail(f"Can't get domain name of domain id '{args[0]}', maybe this domain does not exist.")
    print(name)
    return 0


def sched_credit(_args):
    """Says nothing while credit2 runs, as the true one."""
    return 0


def sched_credit2(args):
    options = dict(zip(args[::2], args[1::2])) if '-s' not in args else {}
    unknown = [key for key in options if key not in ('-d', '-w', '-c', '--domain', '--weight', '--cap', '-p')]
    if unknown:
        import usage
        print(usage.of('sched-credit2'), end='')
        return 1
    word = options.get('-d', options.get('--domain'))
    weight, cap = (options.get(key, options.get(long)) for key, long in (('-w', '--weight'), ('-c', '--cap')))
    if word is None and (weight or cap):
        fail('Must specify a domain.')
    if word is None:
        print('Cpupool Pool-0: ratelimit=1000us')
        if '-s' in args:
            return 0
    if word is not None and (weight is not None or cap is not None):
        return _set_sched(need(word), weight, cap)
    domids = [need(word)] if word is not None else _all()
    print(f'{"Name":<33} {"ID":>4} {"Weight":>6} {"Cap":>4}')
    for domid in domids:
        params = store.config_of(domid).get('b_info', {}).get('sched_params', {}) if domid else {}
        print(f'{store.name_of(domid):<33} {domid:4d} {params.get("weight", 256):6d} {params.get("cap", 0):4d}')
    return 0


def _set_sched(domid, weight, cap):
    out_of_range = {'w': weight is not None and not 1 <= int(weight) <= 65535, 'c': cap is not None and not 0 <= int(cap) <= 65535}
    for letter, what, least, line in (('w', 'weight', 1, 445), ('c', 'cap', 0, 455)):
        if out_of_range[letter]:
            fail(f'libxl: error: libxl_sched.c:{line}:sched_credit2_domain_set: Domain {domid}:Cpu {what} out of range, valid values are within range from {least} to 65535',
                 'libxl_domain_sched_params_set failed.')
    if domid:
        store.change(domid)
        with store.locked():
            config = store.config_of(domid)
            params = config['b_info']['sched_params']
            params.update({key: int(value) for key, value in (('weight', weight), ('cap', cap)) if value is not None})
            store.write_config(domid, config)
    return 0


def network_list(args):
    domid = need(args[0])
    print('Idx BE Mac Addr.         handle state evt-ch   tx-/rx-ring-ref BE-path                       ')
    for nic in store.config_of(domid).get('nics') or []:
        print(f'{nic["devid"]:<3} 0  {nic["mac"]} {nic["devid"]:5d} {4:5d} {-1:6d} {520:5d}/{521:<11d} /local/domain/0/backend/vif/{domid}/{nic["devid"]}')
    return 0


def block_list(args):
    domid = need(args[0])
    print(f'{"Vdev":<5} BE  handle state evt-ch ring-ref BE-path                       ')
    for index, _disk in enumerate(store.config_of(domid).get('disks') or []):
        device = 51712 + 16 * index
        print(f'{device:<5} 0   {1:<6} 4     {9:<6} {522:<8} /local/domain/0/backend/vbd/{domid}/{device}')
    return 0
