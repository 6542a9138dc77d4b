import { createProgram } from './program.ts';
import { guardStreams } from './streams.ts';

guardStreams();
try {
  await createProgram().parseAsync();
} catch (thrown) {
  const { reportError } = await import('./report-error.ts');
  process.exitCode = reportError(thrown);
}
