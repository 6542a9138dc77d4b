import type { ActSection, Section, SectionAnswer } from '../../src/contract/frame.ts';
import type { Session } from '../../src/contract/host.ts';
import type { Probe } from '../../src/contract/probe.ts';
import type { Step } from '../../src/contract/step.ts';
import { LOGIN } from './real-host.ts';

export function act(steps: readonly Step[], more: Partial<ActSection> = {}): ActSection {
  return { kind: 'act', steps, after: [], onFailure: 'stop', ...more };
}

/** Short words for frames of a session that is made later. */
export function talkTo(sessionOf: () => Session) {
  async function exchange(...sections: readonly Section[]): Promise<readonly SectionAnswer[]> {
    return sessionOf().exchange({ sections }, LOGIN);
  }
  async function answersTo(...probes: readonly Probe[]) {
    const [answer] = await exchange({ kind: 'ask', probes });
    if (answer?.kind !== 'answers') throw new Error(`got ${answer?.kind}`);
    return answer;
  }
  async function resultOf(step: Step) {
    const [answer] = await exchange(act([step]));
    if (answer?.kind !== 'done' && answer?.kind !== 'stepFailed') throw new Error(`got ${answer?.kind}`);
    const [result] = answer.results;
    if (!result) throw new Error('no result');
    return { kind: answer.kind, code: result.code, stdout: result.stdout, stderr: result.stderr };
  }
  return { exchange, answersTo, resultOf };
}
