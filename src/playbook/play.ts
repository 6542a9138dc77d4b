import type { LocatedText, MappingNode, YamlNode } from '../contract/yaml-node.ts';
import type { Position } from '../core/diagnostic.ts';

/** A checked playbook. Includes with a literal file name are already loaded; positions are those of the files they stand in. */
export interface Playbook {
  readonly plays: readonly Play[];
  /** Every file that was read, with its text: for excerpts and for the run's digest. */
  readonly sources: ReadonlyMap<string, string>;
}

export interface Play {
  readonly name: string;
  readonly at: Position;
  /** Folder of the file that the play stands in: relative paths count from there. */
  readonly directory: string;
  readonly hosts: LocatedText;
  readonly vars: MappingNode | undefined;
  readonly varsFiles: readonly LocatedText[];
  readonly gatherFacts: boolean;
  /** Batch sizes, as numbers or `30%`; the last one repeats. Empty: all hosts at once. */
  readonly serial: readonly (number | string)[];
  readonly strategy: 'free' | 'linear';
  readonly order: 'inventory' | 'reverse_inventory' | 'sorted' | 'reverse_sorted' | 'shuffle';
  readonly anyErrorsFatal: boolean;
  readonly maxFailPercentage: number | undefined;
  readonly sections: {
    readonly pre_tasks: readonly Entry[];
    readonly tasks: readonly Entry[];
    readonly post_tasks: readonly Entry[];
  };
  readonly handlers: readonly TaskEntry[];
}

/** What stands in a list of tasks. */
export type Entry = TaskEntry | BlockEntry | IncludeEntry | MetaEntry;

/**
 * Keywords that a play and a block hand down to what is in them. The parser has already joined them: `when` of a block
 * stands before the task's own, `tags` are the union, of single values the nearest counts.
 */
export interface Attributes {
  readonly when: readonly LocatedText[];
  readonly tags: readonly string[];
  /** Outer ones first. */
  readonly vars: readonly MappingNode[];
  readonly environment: readonly YamlNode[];
  readonly become: YamlNode | undefined;
  readonly become_user: YamlNode | undefined;
  readonly delegate_to: YamlNode | undefined;
  readonly run_once: YamlNode | undefined;
  readonly no_log: YamlNode | undefined;
  readonly timeout: YamlNode | undefined;
  readonly check_mode: YamlNode | undefined;
  readonly ignore_errors: YamlNode | undefined;
  readonly ignore_unreachable: YamlNode | undefined;
  readonly any_errors_fatal: YamlNode | undefined;
}

export interface TaskEntry {
  readonly kind: 'task';
  /** May hold templates; the module's name when the task has none. */
  readonly name: LocatedText;
  readonly at: Position;
  readonly directory: string;
  readonly module: string;
  /** The module's parameters, free form already turned into a mapping. */
  readonly args: MappingNode;
  readonly attributes: Attributes;
  readonly loop: YamlNode | undefined;
  readonly loopControl: {
    readonly loop_var: string;
    readonly index_var: string | undefined;
    readonly label: YamlNode | undefined;
    readonly pause: YamlNode | undefined;
  };
  readonly register: string | undefined;
  /** Names of handlers, may hold templates. */
  readonly notify: readonly LocatedText[];
  /** Handlers only. */
  readonly listen: readonly string[];
  readonly until: readonly LocatedText[];
  readonly retries: YamlNode | undefined;
  readonly delay: YamlNode | undefined;
  readonly changedWhen: readonly LocatedText[];
  readonly failedWhen: readonly LocatedText[];
}

export interface BlockEntry {
  readonly kind: 'block';
  readonly name: string | undefined;
  readonly at: Position;
  readonly block: readonly Entry[];
  readonly rescue: readonly Entry[];
  readonly always: readonly Entry[];
}

/** `include_tasks`: decided when it is reached. `import_tasks` leaves no trace but its tasks. */
export interface IncludeEntry {
  readonly kind: 'include';
  readonly name: LocatedText;
  readonly at: Position;
  readonly directory: string;
  readonly file: LocatedText;
  readonly attributes: Attributes;
  /** What is handed down to its tasks: what stands around it, and its `apply`. Its own `when` and `tags` are not. */
  readonly inherited: Attributes;
  readonly loop: YamlNode | undefined;
  readonly loopControl: TaskEntry['loopControl'];
  /** The tasks, where the file name is literal; otherwise they are parsed when the name is known. */
  readonly entries: readonly Entry[] | undefined;
}

export interface MetaEntry {
  readonly kind: 'meta';
  readonly action: 'flush_handlers' | 'end_play' | 'end_host' | 'noop';
  readonly at: Position;
  readonly attributes: Attributes;
}
