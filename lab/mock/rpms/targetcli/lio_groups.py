"""Configuration groups: what `get` shows and `set` takes."""
import re

from lio_state import TargetError

ATTRIBUTES = {
    'authentication': 'If set to 1, enforce authentication for this TPG.',
    'cache_dynamic_acls': 'If set to 1 in demo mode, cache dynamically generated ACLs.',
    'default_cmdsn_depth': 'Default CmdSN (Command Sequence Number) depth.',
    'default_erl': 'Default Error Recovery Level.',
    'demo_mode_discovery': 'If set to 1 in demo mode, enable discovery.',
    'demo_mode_write_protect': 'If set to 1 in demo mode, prevent writes to LUNs.',
    'fabric_prot_type': 'Fabric DIF protection type.',
    'generate_node_acls': 'If set to 1, allow all initiators to login (i.e. demo mode).',
    'login_keys_workaround': '',
    'login_timeout': 'Login timeout value in seconds.',
    'netif_timeout': 'NIC failure timeout in seconds.',
    'prod_mode_write_protect': 'If set to 1, prevent writes to LUNs.',
    't10_pi': 'If set to 1, enable T10 Protection Information.',
    'tpg_enabled_sendtargets': 'If set to 1, the SendTargets discovery response advertises the TPG only if the TPG is enabled.',
}
AUTH = {
    'mutual_password': 'chap_mutual_password',
    'mutual_userid': 'chap_mutual_userid',
    'password': 'chap_password',
    'userid': 'chap_userid',
}
GLOBAL = {
    'auto_add_default_portal': ('true', 'If true, adds a portal listening on all IPs to new targets.'),
    'auto_add_mapped_luns': ('true', 'If true, automatically create node ACLs mapped LUNs after creating a new target LUN or a new node ACL'),
    'auto_cd_after_create': ('false', 'If true, changes current path to newly created objects.'),
    'auto_enable_tpgt': ('true', 'If true, automatically enables TPGTs upon creation.'),
    'auto_save_on_exit': ('true', 'If true, saves configuration on exit.'),
    'auto_use_daemon': ('false', 'If true, commands will be sent to targetclid.'),
    'color_command': ('cyan', 'Color to use for command completions.'),
    'color_default': ('none', 'Default text display color.'),
    'color_keyword': ('cyan', 'Color to use for keyword completions.'),
    'color_mode': ('true', 'Console color display mode.'),
    'color_parameter': ('magenta', 'Color to use for parameter completions.'),
    'color_path': ('magenta', 'Color to use for path completions'),
    'daemon_use_batch_mode': ('false', 'If true, use batch mode for daemonized approach.'),
    'export_backstore_name_as_model': ('true', 'If true, the backstore name is used for the scsi inquiry model name.'),
    'logfile': ('/root/.targetcli/log.txt', 'Logfile to use.'),
    'loglevel_console': ('info', 'Log level for messages going to the console.'),
    'loglevel_file': ('debug', 'Log level for messages going to the log file.'),
    'max_backup_files': ('10', 'Max no. of configurations to be backed up in /etc/target/backup/ directory.'),
    'prompt_length': ('30', 'Max length of the shell prompt path, 0 for infinite.'),
    'tree_max_depth': ('0', 'Maximum depth of displayed node tree.'),
    'tree_round_nodes': ('true', 'Tree node display style.'),
    'tree_show_root': ('true', 'Whether or not to display tree root.'),
    'tree_status_mode': ('true', 'Whether or not to display status in tree.'),
}


def groups_of(node):
    if node.kind == 'tpg':
        return ('attribute', 'auth', 'parameter')
    if node.kind == 'acl':
        return ('attribute', 'auth', 'parameter')
    return ('attribute',) if node.kind == 'so' else ()


def values_of(shell, node, group):
    """{name: (value, description)} of one group, or None where the node has no such group."""
    if group == 'global':
        return dict(GLOBAL)
    if group not in groups_of(node):
        return None
    if group == 'auth':
        return {name: (node.thing.get(key, ''), f'The {name} auth parameter.') for name, key in AUTH.items()}
    if group == 'parameter':
        source = node.thing if node.kind == 'tpg' else node.parent.thing
        return {name: (value, f'The {name} parameter.') for name, value in source['parameters'].items()}
    texts = ATTRIBUTES if node.kind == 'tpg' else {}
    return {name: (value, texts.get(name, f'The {name} attribute.')) for name, value in node.thing['attributes'].items()}


def get_group(shell, node, *names, **unexpected):
    if not names:
        shell.say('AVAILABLE CONFIGURATION GROUPS\n' + '=' * 30)
        shell.say(' '.join(sorted((*groups_of(node), 'global'))))
        return
    group = names[0]
    values = values_of(shell, node, group)
    if values is None:
        raise TargetError(f'Unknown configuration group: {group}')
    if len(names) > 1:
        for name in names[1:]:
            if name not in values:
                raise TargetError(f"No parameter '{name}' in group '{group}'.")
            shell.say(f'{name}={values[name][0]} ')
        return
    title = f'{group.upper()} CONFIG GROUP'
    shell.say(title + '\n' + '=' * len(title))
    for name in sorted(values):
        value, text = values[name]
        head = f'{name}={value}'
        shell.say(head + '\n' + '-' * len(head) + '\n' + text + '\n')


def set_group(shell, node, group=None, **pairs):
    if group is None:
        get_group(shell, node)
        return
    values = values_of(shell, node, group)
    if values is None:
        raise TargetError(f'Unknown configuration group: {group}')
    for name, value in pairs.items():
        if name not in values:
            raise TargetError(f"Unknown parameter {name} in group '{group}'.")
        if group == 'attribute':
            if not re.fullmatch(r'-?\d+', value):
                raise TargetError(f"Not setting {name}! Syntax error, '{value}' is not a NUMBER.")
            node.thing['attributes'][name] = int(value)
        elif group == 'auth':
            node.thing[AUTH[name]] = value
            if value == '':
                del node.thing[AUTH[name]]
        elif group == 'parameter' and node.kind == 'tpg':
            node.thing['parameters'][name] = value
        shell.say(f"Parameter {name} is now '{value}'.")
