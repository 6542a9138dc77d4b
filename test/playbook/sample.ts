import { z } from 'zod';
import { defineAction, defineResource, defineSteps, type Module } from '../../src/contract/module.ts';
import { formatDiagnostic } from '../../src/core/diagnostic.ts';
import { type LoadedPlaybook, loadPlaybook } from '../../src/playbook/load.ts';
import type { Entry, Play, TaskEntry } from '../../src/playbook/play.ts';

const nothing = { probe: () => [], read: () => ({}), plan: () => [] };

const size = z.strictObject({ memory_mib: z.number().int().min(1), vcpus: z.number().int().optional() });

const modules: readonly Module[] = [
  defineResource({
    name: 'file',
    summary: 'Make a file or folder.',
    params: z.strictObject({
      path: z.string(),
      state: z.enum(['file', 'directory', 'absent']).default('file'),
      mode: z
        .string()
        .regex(/^[0-7]{4}$/, 'is no mode')
        .optional(),
      recurse: z.boolean().optional(),
      size_mib: z.number().int().max(1000).optional(),
    }),
    example: '{ path: /srv, state: directory }',
    ...nothing,
  }),
  defineResource({
    name: 'copy',
    summary: 'Copy a file.',
    params: z
      .strictObject({
        src: z.string().optional().meta({ file: 'file' }),
        content: z.string().optional(),
        dest: z.string(),
      })
      .refine(({ src, content }) => (src === undefined) !== (content === undefined), 'give either "src" or "content"'),
    example: '{ src: motd, dest: /etc/motd }',
    ...nothing,
  }),
  defineResource({
    name: 'template',
    summary: 'Render a file.',
    params: z.strictObject({ src: z.string().meta({ file: 'template' }), dest: z.string() }),
    example: '{ src: motd.hbs, dest: /etc/motd }',
    ...nothing,
  }),
  defineResource({
    name: 'guest',
    summary: 'Define a guest.',
    params: z.strictObject({
      name: z.string(),
      size: z.union([z.enum(['small', 'large']), size]),
      disks: z
        .array(z.union([z.string(), z.strictObject({ path: z.string(), format: z.enum(['raw', 'qcow2']) })]))
        .optional(),
      labels: z.record(z.string(), z.string()).optional(),
    }),
    example: '{ name: g1, size: small }',
    ...nothing,
  }),
  defineSteps({
    name: 'command',
    summary: 'Run a command.',
    params: z.strictObject({ cmd: z.string(), chdir: z.string().optional() }),
    freeForm: 'cmd',
    example: 'uptime',
    describe: ({ cmd }) => cmd,
    steps: () => [],
    result: () => ({ changed: true }),
  }),
  defineAction({
    name: 'debug',
    summary: 'Say something.',
    params: z.strictObject({ msg: z.string().optional(), var: z.string().optional().meta({ syntax: 'cel' }) }),
    example: '{ msg: hello }',
    describe: () => 'say',
    perform: async () => ({ changed: false }),
  }),
  defineAction({
    name: 'set_fact',
    summary: 'Set variables.',
    params: z.record(z.string(), z.unknown()),
    example: '{ answer: 42 }',
    describe: () => 'set',
    perform: async () => ({ changed: false }),
  }),
  defineAction({
    name: 'assert',
    summary: 'Insist.',
    params: z.strictObject({
      that: z.union([z.string().meta({ syntax: 'cel' }), z.array(z.string().meta({ syntax: 'cel' }))]),
    }),
    example: '{ that: true }',
    describe: () => 'insist',
    perform: async () => ({ changed: false }),
  }),
];

/** A few modules with schemas of every shape, so that these tests hold whatever bench's own modules take. */
export const SAMPLE_MODULES: ReadonlyMap<string, Module> = new Map(modules.map((module) => [module.name, module]));

/** Files in memory, read as from a disk. */
export function reader(files: Readonly<Record<string, string>>): (path: string) => string {
  return (path) => {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
    return text;
  };
}

/** Loads `site.yml` out of files in memory; a single text is that file. */
export function load(files: string | Readonly<Record<string, string>>): LoadedPlaybook {
  const readFile = reader(typeof files === 'string' ? { 'site.yml': files } : files);
  return loadPlaybook('site.yml', { readFile, modules: SAMPLE_MODULES });
}

/** What a user would read of a playbook's problems. */
export function problemsOf(files: string | Readonly<Record<string, string>>): string {
  const readable = typeof files === 'string' ? { 'site.yml': files } : files;
  return load(files)
    .diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, (file) => readable[file]))
    .join('\n');
}

/** The first play of a playbook without mistakes. */
export function playOf(files: string | Readonly<Record<string, string>>): Play {
  const { playbook, diagnostics } = load(files);
  const [play] = playbook?.plays ?? [];
  if (diagnostics.length > 0 || !play) throw new Error(problemsOf(files));
  return play;
}

/** The entries of `tasks` of a play that holds these lines as its tasks. */
export function entriesOf(tasks: string): readonly Entry[] {
  return playOf(`- hosts: all\n  tasks:\n${indented(tasks, 4)}`).sections.tasks;
}

/** The one task that these lines make. */
export function taskOf(task: string): TaskEntry {
  const [entry] = entriesOf(task);
  if (entry?.kind !== 'task') throw new Error('no task');
  return entry;
}

export function indented(text: string, width: number): string {
  return text.replaceAll(/^(?=.)/gm, ' '.repeat(width));
}
