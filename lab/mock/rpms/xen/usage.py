"""The help texts: commands.txt is the true list of subcommands; the longer texts are those that tools and people meet."""
import os

HERE = os.path.dirname(os.path.abspath(__file__))
HEAD = 'Usage xl [-vfNtT] <subcommand> [args]\n\nxl full list of subcommands:\n\n'
SYNTAX = {
    'list': ('[-vtT] list [options] [Domain]', '\n'), 'create': ('[-vtTfN] create <ConfigFile> [options] [vars]', ''),
    'migrate': ('[-vtTf] migrate [options] <Domain> <host>', ''), 'info': ('[-vtT] info', ''),
    'shutdown': ('[-vtTf] shutdown [options] <-a|Domain>', ''), 'reboot': ('[-vtTf] reboot [options] <-a|Domain>', ''),
    'destroy': ('[-vtTf] destroy [options] <Domain>', ''), 'rename': ('[-vtTf] rename <Domain> <NewDomainName>', ''),
}
OPTIONS = {
    'list': '''-l, --long              Output all VM details
-v, --verbose           Prints out UUIDs and security context
-Z, --context           Prints out security context
-c, --cpupool           Prints the cpupool the domain is in
-n, --numa              Prints out NUMA node affinity
''',
    'migrate': '''-h              Print this help.
-C <config>     Send <config> instead of config file from creation.
-s <sshcommand> Use <sshcommand> instead of ssh.  String will be passed
                to sh. If empty, run <host> instead of ssh <host> xl
                migrate-receive [-d -e]
-e              Do not wait in the background (on <host>) for the death
                of the domain.
--debug         Print huge (!) amount of debug during the migration process.
-p              Do not unpause domain after migrating it.
-D              Preserve the domain id
''',
    'create': '''-c                      Connect to the console after the domain is created.
-d                      Enable debug messages.
-e                      Do not wait in the background for the death of the domain.
-F                      Run in foreground until death of the domain.
-f FILE, --defconfig=FILE
                     Use the given configuration file.
-h                      Print this help.
-n, --dryrun            Dry run - prints the resulting configuration
                         (deprecated in favour of global -N option).
-p                      Leave the domain paused after it is created.
-q, --quiet             Quiet.
-V, --vncviewer         Connect to the VNC display after the domain is created.
-A, --vncviewer-autopass
                        Pass VNC password to viewer via stdin.
--ignore-global-affinity-masks Ignore global masks in xl.conf.
''',
}


def _lines():
    with open(HERE + '/commands.txt', encoding='utf-8') as stream:
        return stream.read()


def _summaries():
    """A name too long for its column stands alone, its summary on the next line."""
    found, waiting = {}, None
    for line in _lines().splitlines():
        if waiting and line.startswith('    '):
            found[waiting], waiting = line.strip(), None
        elif line.startswith(' '):
            name, _, text = line.strip().partition(' ')
            found[name], waiting = text.strip(), (None if text.strip() else name)
    return found


def knows(command):
    return command in _summaries()


def overview():
    return HEAD + _lines()


def of(command):
    syntax, gap = SYNTAX.get(command, (f'[-vtT] {command} [options]', ''))
    text = f'Usage: xl {syntax}\n{gap}\n{_summaries().get(command, "")}.\n'
    return text + (f'\nOptions:\n\n{OPTIONS[command]}' if command in OPTIONS else '')
