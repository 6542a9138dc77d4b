/** Where a keyword may stand. `include` is a task with include_tasks or import_tasks, `import` an import_playbook. */
export type Place = 'play' | 'task' | 'handler' | 'block' | 'include' | 'import' | 'meta' | 'loop_control';

/** What a keyword's value may be. `flag`, `count`, `span` and `word` may be a template; `boolean`, `number`, `text` may not. */
export type ValueType =
  | 'text'
  | 'texts'
  | 'word'
  | 'name'
  | 'boolean'
  | 'flag'
  | 'number'
  | 'count'
  | 'span'
  | 'conditions'
  | 'mapping'
  | 'environment'
  | 'loop'
  | 'sizes'
  | 'entries'
  | 'anything';

export interface Keyword {
  readonly name: string;
  readonly places: readonly Place[];
  readonly type: ValueType;
  readonly summary: string;
  /** The only values, where they are few. */
  readonly choices?: readonly string[];
}

type Row = readonly [name: string, type: ValueType, places: string, summary: string, choices?: string];

const HANDED_DOWN = 'play block task handler include';
const BELOW_PLAYS = 'block task handler include';
const CALLS = 'task handler';
const LOOPS = 'task handler include';

const ROWS: readonly Row[] = [
  ['name', 'text', 'play block task handler include import meta', 'What it is for, as the reader of a run sees it.'],
  ['hosts', 'texts', 'play', 'Pattern of the hosts: groups, hosts, a:b, !a, &a, x*, g[0].'],
  [
    'vars',
    'mapping',
    'play block task handler include import',
    'Variables; templates in them are rendered when they are read.',
  ],
  ['vars_files', 'texts', 'play', 'YAML files with variables, later ones stronger.'],
  ['gather_facts', 'boolean', 'play', 'Whether `facts` is read before the first task. Default: true.'],
  ['serial', 'sizes', 'play', 'Hosts at a time: a number, a percentage, or a list of them whose last one repeats.'],
  [
    'strategy',
    'text',
    'play',
    'Whether each host goes at its own pace or all take each task together. Default: free.',
    'free linear',
  ],
  [
    'order',
    'text',
    'play',
    'Order of the hosts. Default: inventory.',
    'inventory reverse_inventory sorted reverse_sorted shuffle',
  ],
  [
    'max_fail_percentage',
    'number',
    'play',
    'The play ends for all when more than this share of the hosts of a batch failed.',
  ],
  ['any_errors_fatal', 'flag', HANDED_DOWN, 'A failure on one host ends the play for all.'],
  ['pre_tasks', 'entries', 'play', 'Tasks before `tasks`, with a handler flush after them.'],
  ['tasks', 'entries', 'play', 'Tasks, blocks, imports and includes.'],
  ['post_tasks', 'entries', 'play', 'Tasks after the handlers of `tasks`.'],
  ['handlers', 'entries', 'play', 'Tasks that run once, when something that notifies them changed.'],
  ['when', 'conditions', 'block task handler include import meta', 'CEL condition, or list of them: all must be true.'],
  [
    'tags',
    'texts',
    'play block task handler include import meta',
    'Words for --tags and --skip-tags; `always` and `never` have their own meaning.',
  ],
  ['environment', 'environment', HANDED_DOWN, 'Environment variables of every command of the task.'],
  ['become', 'flag', HANDED_DOWN, 'Whether to act as another user, through sudo.'],
  ['become_user', 'word', HANDED_DOWN, 'Who that is. Default: root.'],
  ['delegate_to', 'word', BELOW_PLAYS, 'Host that does the task instead; variables stay those of the own host.'],
  ['run_once', 'flag', HANDED_DOWN, 'The first host does it; all keep the result.'],
  ['no_log', 'flag', HANDED_DOWN, 'Parameters, output and changes are not shown and not stored.'],
  ['timeout', 'span', HANDED_DOWN, 'Longest time for the task: seconds, or a text such as "90s" or "10m".'],
  ['check_mode', 'flag', HANDED_DOWN, 'true: only say what would change; false: act also under --check.'],
  ['ignore_errors', 'flag', HANDED_DOWN, 'Go on after a failure.'],
  ['ignore_unreachable', 'flag', HANDED_DOWN, 'Go on although the host could not be reached.'],
  ['args', 'mapping', CALLS, 'More parameters of the module, beside a free form.'],
  ['loop', 'loop', LOOPS, 'A list, or a template that gives one; the task is done once for each item.'],
  ['loop_control', 'mapping', LOOPS, 'How a loop names and shows its items.'],
  ['loop_var', 'name', 'loop_control', 'Name of the item. Default: item.'],
  ['index_var', 'name', 'loop_control', 'Name of a variable that counts from 0.'],
  ['label', 'anything', 'loop_control', 'What is shown for an item.'],
  ['pause', 'span', 'loop_control', 'Time between two items.'],
  ['register', 'name', CALLS, 'Variable that keeps the result.'],
  ['notify', 'texts', CALLS, 'Handlers to run, by name or by `listen`, when this task changed something.'],
  ['listen', 'texts', 'handler', 'More names that a handler answers to.'],
  ['until', 'conditions', CALLS, 'Do it again until these are true of its result.'],
  ['retries', 'count', CALLS, 'How often at most. Default: 3.'],
  ['delay', 'span', CALLS, 'Time between two attempts. Default: 5 s.'],
  ['changed_when', 'conditions', CALLS, 'When it counts as changed; its own result is a variable.'],
  ['failed_when', 'conditions', CALLS, 'When it counts as failed; its own result is a variable.'],
  ['block', 'entries', 'block', 'Tasks that share keywords, with `rescue` and `always`.'],
  ['rescue', 'entries', 'block', 'What to do when a task of the block failed.'],
  ['always', 'entries', 'block', 'What to do in any case, last.'],
  [
    'import_tasks',
    'anything',
    'include',
    'Tasks of a file, read before the run; keywords are handed down to each of them.',
  ],
  ['include_tasks', 'anything', 'include', 'Tasks of a file, decided when the run gets there; may loop.'],
  ['import_playbook', 'text', 'import', 'Plays of a file; `vars`, `tags` and `when` are handed down to them.'],
  ['meta', 'text', 'meta', 'Something about the run itself.', 'flush_handlers end_play end_host noop'],
];

function isPlace(word: string): word is Place {
  return ['play', 'task', 'handler', 'block', 'include', 'import', 'meta', 'loop_control'].includes(word);
}

/** Every keyword, in the order of the documentation. */
export const KEYWORDS: readonly Keyword[] = ROWS.map(([name, type, places, summary, choices]) => ({
  name,
  type,
  summary,
  places: places.split(' ').filter(isPlace),
  ...(choices && { choices: choices.split(' ') }),
}));

export const KEYWORDS_BY_NAME: ReadonlyMap<string, Keyword> = new Map(
  KEYWORDS.map((keyword) => [keyword.name, keyword]),
);

export function keywordsOf(place: Place): readonly string[] {
  return KEYWORDS.filter(({ places }) => places.includes(place)).map(({ name }) => name);
}

const WITH_LOOP = 'use loop: "{{list}}", with loop_control for the names';

/** Ansible's words that bench does not have, each with what it has instead. */
const FOREIGN: ReadonlyMap<string, string> = new Map([
  ['with_items', WITH_LOOP],
  ['with_dict', 'use loop: "{{keys mapping}}" and {{lookup mapping item}}'],
  ['roles', 'use import_tasks and vars_files: a folder of task files takes the place of a role'],
  ['import_role', 'use import_tasks'],
  ['include_role', 'use include_tasks'],
  ['include', 'use import_tasks or include_tasks'],
  ['include_vars', 'use vars_files, or set_fact'],
  ['async', 'hosts run freely within a play; use timeout for the longest time'],
  ['poll', 'hosts run freely within a play; use timeout for the longest time'],
  ['action', 'write the module itself as the key: "copy: { … }"'],
  ['local_action', 'write the module itself as the key, and delegate_to: localhost'],
  ['connection', 'a host says how it is reached: ansible_connection in the inventory'],
  ['remote_user', 'a host says who logs in: ansible_user in the inventory'],
  ['port', 'a host says its port: ansible_port in the inventory'],
  ['user', 'a host says who logs in: ansible_user in the inventory; become_user names whom to act as'],
  ['sudo', 'use become: true'],
  ['sudo_user', 'use become_user'],
  ['become_method', 'bench always uses sudo'],
  ['become_flags', 'bench always uses sudo'],
  ['become_exe', 'bench always uses sudo'],
  ['module_defaults', 'use a YAML anchor: "<<: *defaults"'],
  ['collections', "all modules are bench's own; bench doc lists them"],
  ['gather_subset', 'facts are always read whole, in one round trip'],
  ['gather_timeout', 'use timeout'],
  ['fact_path', 'use a task that registers what the host says'],
  ['force_handlers', 'use block with always, or meta: flush_handlers'],
  ['vars_prompt', 'use --extra-vars'],
  ['throttle', 'use serial, or run_once in a loop'],
  ['debugger', 'use --step'],
  ['diff', 'use --diff'],
  ['delegate_facts', 'registered values are in hostvars of the host that runs the task'],
  ['first_available_file', "use a template in the file's name"],
  ['extended', 'use index_var'],
  ['break_when', 'use until'],
  ['apply', 'it stands inside include_tasks: { file: …, apply: { tags: … } }'],
]);

/** What to write instead of a word that Ansible has and bench has not. */
export function hintForForeign(word: string): string | undefined {
  return FOREIGN.get(word) ?? (word.startsWith('with_') ? WITH_LOOP : undefined);
}
