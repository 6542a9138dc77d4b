import { z } from 'zod';
import { defineSteps, type Step } from '../contract/module.ts';
import { commandParams, commandResult, probeConditions, reasonToSkip } from './parts/command.ts';
import { isCommand, splitWords } from './parts/words.ts';

const params = z
  .strictObject({
    cmd: z
      .string()
      .refine(isCommand, 'no command, or a quote that is not closed')
      .optional()
      .meta({
        description: 'The command. It is split into words at blanks, with quotes as in a shell; no shell reads it.',
        examples: ['grub2-mkconfig -o /boot/grub2/grub.cfg'],
      }),
    argv: z
      .array(z.string())
      .min(1)
      .optional()
      .meta({
        description: 'The command as a list of words, instead of `cmd`.',
        examples: [['touch', '/tmp/two words']],
      }),
    ...commandParams,
  })
  .refine(({ cmd, argv }) => (cmd === undefined) !== (argv === undefined), 'give either "cmd" or "argv"');

type Params = z.infer<typeof params>;

export const command = defineSteps({
  name: 'command',
  summary: 'Run a program with its arguments, without a shell.',
  params,
  example: '{ cmd: "dracut --force", creates: /boot/initramfs.done }',
  notes:
    'Pipes, redirections, globs and variables of a shell mean nothing here: see `shell`. Always `changed` when it ran, unless `changed_when` says otherwise.',
  freeForm: 'cmd',

  describe: (task) => `run ${task.cmd ?? wordsOf(task).join(' ')}`,
  probe: (task) => probeConditions(task),
  steps(answers, task) {
    const reason = reasonToSkip(answers, task);
    if (reason !== undefined) return { skip: reason };
    const step: Step = {
      kind: 'run',
      argv: wordsOf(task),
      accept: 'any',
      ...(task.chdir !== undefined && { directory: task.chdir }),
      ...(task.stdin !== undefined && { stdin: task.stdin }),
    };
    return [step];
  },
  result: (results, task) => commandResult(results, wordsOf(task)),
});

function wordsOf({ cmd, argv }: Params): readonly string[] {
  return argv ?? splitWords(cmd ?? '') ?? [];
}
