"""The libxl debug lines of `xl -vvv migrate` that a reader of milestones or a person meets; the rest of them is left out."""


def _watch(action, domid):
    path = f'/local/domain/{domid}/control/shutdown'
    return f'libxl: debug: libxl_event.c:{812 if action == "register" else 849}:libxl__ev_xswatch_{action}: watch w=0x5557bbff8c38 wpath={path} token=3/0: {action} slotnum=3'


def retrieving(domid):
    ao = 'ao 0x5557bbff7c40'
    kinds = ('vtpm', 'vusb', 'vusb', 'pci', 'vdispl', 'vsnd')
    return [
        f'libxl: debug: libxl_domain.c:2293:libxl_retrieve_domain_configuration: Domain {domid}:{ao}: create: how=(nil) callback=(nil) poller=0x5557bbff2ab0',
        *(f'libxl: debug: libxl_domain.c:2585:retrieve_domain_configuration_end: Domain {domid}:No {kind} from xenstore' for kind in kinds),
        f'libxl: debug: libxl_qmp.c:1920:libxl__ev_qmp_dispose: Domain {domid}: ev 0x5557bbfec9d0',
        f'libxl: debug: libxl_event.c:2067:libxl__ao_complete: {ao}: complete, rc=0',
        f'libxl: debug: libxl_domain.c:2309:libxl_retrieve_domain_configuration: Domain {domid}:{ao}: inprogress: poller=0x5557bbff2ab0, flags=ic',
        f'libxl: debug: libxl_event.c:2036:libxl__ao__destroy: {ao}: destroy',
    ]


def saving(domid):
    return [
        f'libxl: debug: libxl_domain.c:512:libxl_domain_suspend: Domain {domid}:ao 0x5557bbff7ce0: create: how=(nil) callback=(nil) poller=0x5557bbff2ab0',
        f'libxl: debug: libxl_domain.c:540:libxl_domain_suspend: Domain {domid}:ao 0x5557bbff7ce0: inprogress: poller=0x5557bbff2ab0, flags=i',
        'libxl-save-helper: debug: starting save: Success',
    ]


def suspend_request(domid):
    return [
        f'libxl: debug: libxl_dom_suspend.c:203:domain_suspend_callback_common: Domain {domid}:issuing PVH/HVM suspend request via XenBus control node',
        _watch('register', domid),
    ]


def acknowledged(domid):
    """Ends with the line that is printed immediately before the suspension."""
    return [
        _watch('deregister', domid),
        f'libxl: debug: libxl_dom_suspend.c:281:domain_suspend_common_pvcontrol_suspending: Domain {domid}:guest acknowledged suspend request',
        f'libxl: debug: libxl_dom_suspend.c:300:domain_suspend_common_wait_guest: Domain {domid}:wait for the guest to suspend',
    ]


def suspended(domid):
    return f'libxl: debug: libxl_dom_suspend.c:358:suspend_common_wait_guest_check: Domain {domid}:guest has suspended'


SAVED = ['libxl-save-helper: debug: complete r=0: Success',
         'libxl: debug: libxl_event.c:2067:libxl__ao_complete: ao 0x5557bbff7ce0: complete, rc=0',
         'libxl: debug: libxl_event.c:2036:libxl__ao__destroy: ao 0x5557bbff7ce0: destroy']


def destroying(domid):
    return f'libxl: debug: libxl_domain.c:1046:libxl_domain_destroy: Domain {domid}:ao 0x5557bbfecbb0: create: how=(nil) callback=(nil) poller=0x5557bbff2ab0'


def destroyed(domid):
    return [f'libxl: debug: libxl_domain.c:1597:devices_destroy_cb: Domain {domid}:Forked pid 1343 for destroy of domain',
            'libxl: debug: libxl_event.c:2067:libxl__ao_complete: ao 0x5557bbfecbb0: complete, rc=0',
            'libxl: debug: libxl_event.c:2036:libxl__ao__destroy: ao 0x5557bbfecbb0: destroy']


FREED = [f'xencall:buffer: debug: {text}' for text in (
    'total allocations:94 total releases:94', 'current allocations:0 maximum allocations:2', 'cache current size:2',
    'cache hits:74 misses:2 toobig:18')]


def restoring(domid):
    return ['libxl: debug: libxl_device.c:433:libxl__device_disk_set_backend: Disk vdev=xvda spec.backend=phy specification=xen',
            f'libxl: debug: libxl_create.c:1339:initiate_domain_create: Domain {domid}:restoring, not running bootloader',
            'libxl: debug: libxl_stream_read.c:357:stream_header_done: Stream v2',
            'libxl: debug: libxl_stream_read.c:574:process_record: Record: 1, length 0',
            'libxl-save-helper: debug: starting restore: Success']


def hotplug(domid):
    return [f'libxl: debug: libxl_device.c:1269:device_hotplug: Domain {domid}:calling hotplug script: /etc/xen/scripts/block add',
            f'libxl: debug: libxl_device.c:1269:device_hotplug: Domain {domid}:calling hotplug script: /etc/xen/scripts/vif-bridge online',
            f'libxl: debug: libxl_device.c:1285:device_hotplug: Domain {domid}:\tvif: vif{domid}.0']


def unpausing(domid):
    return f'libxl: debug: libxl_domain.c:704:libxl_domain_unpause: Domain {domid}:ao 0x55767684ba30: create: how=(nil) callback=(nil) poller=0x55767683b240'
