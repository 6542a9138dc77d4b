import { z } from 'zod';
import { defineSteps, type Step } from '../contract/module.ts';
import { commandParams, commandResult, probeConditions, reasonToSkip } from './parts/command.ts';

const params = z.strictObject({
  cmd: z
    .string()
    .min(1)
    .meta({ description: 'The text that the shell runs.', examples: ['dmesg | tail -n 5 > /tmp/tail'] }),
  ...commandParams,
  executable: z
    .string()
    .startsWith('/', 'must be an absolute path')
    .default('/bin/sh')
    .meta({ description: 'The shell.', examples: ['/bin/bash'] }),
});

export const shell = defineSteps({
  name: 'shell',
  summary: 'Run a text in a shell of the host.',
  params,
  example: "{ cmd: 'zcat image.gz > image.raw', chdir: /srv/images, creates: image.raw }",
  notes:
    'Values of variables are put into the text as they are: quote them. Always `changed` when it ran, unless `changed_when` says otherwise.',
  freeForm: 'cmd',

  describe: ({ cmd }) => `run ${cmd}`,
  probe: (task) => probeConditions(task),
  steps(answers, task) {
    const reason = reasonToSkip(answers, task);
    if (reason !== undefined) return { skip: reason };
    const step: Step = {
      kind: 'run',
      argv: [task.executable, '-c', task.cmd],
      accept: 'any',
      ...(task.chdir !== undefined && { directory: task.chdir }),
      ...(task.stdin !== undefined && { stdin: task.stdin }),
    };
    return [step];
  },
  result: (results, { cmd }) => commandResult(results, cmd),
});
