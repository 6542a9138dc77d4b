import { describe, expect, test } from 'vitest';
import { selectByTags } from '../../src/playbook/tags.ts';
import { tagsIn } from '../../src/playbook/walk.ts';
import { load } from './sample.ts';

describe('--tags and --skip-tags select as Ansible does', () => {
  test.each([
    // task's tags, --tags, --skip-tags, runs
    ['', '', '', true],
    ['a', '', '', true],
    ['a', 'a', '', true],
    ['a', 'b', '', false],
    ['', 'a', '', false],
    ['a,b', 'b', '', true],
    ['always', 'b', '', true],
    ['always', '', 'always', false],
    ['always', '', 'all', true],
    ['always', '', 'all,always', false],
    ['always,a', '', 'a', false],
    ['never', '', '', false],
    ['never', 'all', '', false],
    ['never', 'tagged', '', false],
    ['never', 'never', '', true],
    ['never,a', 'a', '', true],
    ['never,a', 'a', 'a', false],
    ['a', 'all', '', true],
    ['a', 'tagged', '', true],
    ['', 'tagged', '', false],
    ['', 'untagged', '', true],
    ['a', 'untagged', '', false],
    ['a', '', 'tagged', false],
    ['', '', 'tagged', true],
    ['', '', 'untagged', false],
    ['a', '', 'a', false],
    ['a', 'a', 'b', true],
    ['a', '', 'all', false],
  ])('tags "%s" under --tags "%s" --skip-tags "%s": %s', (own, wanted, skipped, expected) => {
    const list = (text: string) => text.split(',').filter((word) => word !== '');
    expect(selectByTags(list(own), { tags: list(wanted), skipTags: list(skipped) })).toBe(expected);
  });
});

test('the tags of a playbook are those of every task, block, include and handler', () => {
  const { playbook } = load(`
- hosts: all
  tags: [p]
  tasks:
    - { debug: , tags: [t] }
    - { tags: [b], block: [{ debug: , tags: [inner] }] }
    - { include_tasks: "{{x}}.yml", tags: [i] }
    - { meta: noop, tags: [m] }
  handlers:
    - { name: h, command: a, tags: [h] }
`);
  expect(playbook && [...tagsIn(playbook)].toSorted()).toEqual(['b', 'h', 'i', 'inner', 'm', 'p', 't']);
});
