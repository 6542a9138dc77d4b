import { createProgram } from './program.ts';
import { reportError } from './report-error.ts';

try {
  const program = createProgram();
  await program.parseAsync();
} catch (thrown) {
  process.exitCode = reportError(thrown);
}
