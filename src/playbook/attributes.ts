import type { LocatedText, YamlNode } from '../contract/yaml-node.ts';
import type { Fields } from './fields.ts';
import type { Attributes } from './play.ts';
import type { Problems } from './problems.ts';
import { textsOf, wordsOf } from './values.ts';
import { checkVariableNames } from './variable-names.ts';

export const NO_ATTRIBUTES: Attributes = {
  when: [],
  tags: [],
  vars: [],
  environment: [],
  become: undefined,
  become_user: undefined,
  delegate_to: undefined,
  run_once: undefined,
  no_log: undefined,
  timeout: undefined,
  check_mode: undefined,
  ignore_errors: undefined,
  ignore_unreachable: undefined,
  any_errors_fatal: undefined,
};

/** Keywords of an entry joined with those that what stands around it hands down. */
export function joinAttributes(outer: Attributes, fields: Fields, problems: Problems): Attributes {
  const own = (name: string, inherited: YamlNode | undefined) => fields.get(name) ?? inherited;
  const vars = fields.get('vars');
  if (vars?.kind === 'mapping') checkVariableNames(vars, problems);
  const environment = fields.get('environment');
  return {
    when: [...outer.when, ...conditionsOf(fields.get('when'))],
    tags: [...new Set([...outer.tags, ...wordsOf(fields.get('tags'))])],
    vars: vars?.kind === 'mapping' ? [...outer.vars, vars] : outer.vars,
    environment: [...outer.environment, ...(environment ? environmentsOf(environment) : [])],
    become: own('become', outer.become),
    become_user: own('become_user', outer.become_user),
    delegate_to: own('delegate_to', outer.delegate_to),
    run_once: own('run_once', outer.run_once),
    no_log: own('no_log', outer.no_log),
    timeout: own('timeout', outer.timeout),
    check_mode: own('check_mode', outer.check_mode),
    ignore_errors: own('ignore_errors', outer.ignore_errors),
    ignore_unreachable: own('ignore_unreachable', outer.ignore_unreachable),
    any_errors_fatal: own('any_errors_fatal', outer.any_errors_fatal),
  };
}

function environmentsOf(node: YamlNode): readonly YamlNode[] {
  return node.kind === 'sequence' ? node.items : [node];
}

/** Conditions as texts; `true` and `false` are CEL as they stand. */
export function conditionsOf(node: YamlNode | undefined): readonly LocatedText[] {
  return textsOf(node);
}
