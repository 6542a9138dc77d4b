"""The words of xl, and its refusal where no Xen runs."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import host  # noqa: E402
from domain import fail  # noqa: E402

READ = ('list', 'vcpu-list', 'uptime', 'claims', 'domid', 'domname', 'sched-credit', 'sched-credit2', 'network-list', 'block-list')
LEAST_WORDS = {'domid': 1, 'domname': 1, 'network-list': 1, 'block-list': 1, 'destroy': 1, 'pause': 1, 'unpause': 1,
               'rename': 2, 'create': 1}
ALIASES = {'li': 'list', 'ls': 'list', 'cr': 'create', 'vcpu-li': 'vcpu-list'}


def refuse(reason):
    fail(f'xencall: error: Could not obtain handle on privileged command interface: {reason}',
         f'libxl: error: libxl.c:102:libxl_ctx_alloc: cannot open libxc handle: {reason}',
         'cannot init xl context')


def _globals(argv):
    """Global options end at the first word: verbosity, dry run, the words after."""
    verbose, dry_run, at = 0, False, 0
    while at < len(argv) and argv[at].startswith('-'):
        for letter in argv[at][1:]:
            if letter not in 'vfNtT':
                fail(f"{os.environ.get('MOCK_XL_PATH', 'xl')}: invalid option -- '{letter}'", 'unknown global option')
            verbose += letter == 'v'
            dry_run = dry_run or letter == 'N'
        at += 1
    return verbose, dry_run, argv[at:]


def _info(args):
    if args not in ([], ['-n'], ['--numa']):
        import usage
        print(usage.of('info'), end='')
        return 1
    print('\n'.join(host.info(numa=bool(args))))
    return 0


def _run(word, args, verbose, dry_run):
    import usage
    if word == 'help':
        print(usage.of(args[0]) if args and usage.knows(args[0]) else usage.overview(), end='')
        return 0
    if not usage.knows(word):
        fail('command not implemented')
    if word == 'info':
        return _info(args)
    if word == 'dmesg':
        print('\n'.join(host.dmesg()))
        return 0
    if args[:1] == ['-h'] or args[:1] == ['--help']:
        print(usage.of(word), end='')
        return 0
    plain = [arg for arg in args if not arg.startswith('-')]
    if len(plain) < LEAST_WORDS.get(word, 0):
        os.write(2, f"'xl {word}' requires at least {LEAST_WORDS[word]} argument{'s' if LEAST_WORDS[word] > 1 else ''}.\n\n".encode())
        print(usage.of(word), end='')
        return 2
    if word in READ:
        import listing
        name = {'list': 'list_domains', 'domid': 'domid_of', 'domname': 'domname_of'}.get(word, word.replace('-', '_'))
        return getattr(listing, name)(args)
    if word == 'create':
        import create
        return create.create(args, dry_run)
    if word in ('destroy', 'shutdown', 'reboot', 'pause', 'unpause', 'rename'):
        import lifecycle
        return getattr(lifecycle, word)(args)
    if word == 'migrate':
        import send
        return send.migrate(args, verbose)
    if word == 'migrate-receive':
        import receive
        return receive.receive(args, verbose)
    fail(f'xl {word}: not in the mock lab')


def main(argv):
    verbose, dry_run, words = _globals(argv)
    if not words:
        import usage
        print(usage.overview(), end='')
        return 1
    if not host.xen_booted():
        refuse('No such file or directory')
    if os.geteuid() != 0 and not os.environ.get('MOCK_ROOT'):
        refuse('Permission denied')
    word = ALIASES.get(words[0], words[0])
    return _run(word, words[1:], verbose, dry_run)


if __name__ == '__main__':
    try:
        CODE = main(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        os._exit(1)
    sys.exit(CODE)
