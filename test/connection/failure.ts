import { BenchError } from '../../src/core/errors.ts';
import type { Sshd } from './sshd.ts';

/** What a person reads of an error, with what differs from run to run (ports, folders, fingerprints) replaced. */
export async function failureOf(attempt: Promise<unknown>, ...sshds: readonly Sshd[]): Promise<string> {
  try {
    await attempt;
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    const hint = error.hint === undefined ? '' : `\nhint: ${error.hint}`;
    let text = `${error.message} [${error.code}]${hint}`;
    for (const { port, folder } of sshds) text = text.replaceAll(String(port), 'PORT').replaceAll(folder, 'FOLDER');
    return text.replaceAll(/SHA256:[\w+/]{43}/g, 'SHA256:…');
  }
  throw new Error('it did not fail');
}
