import { systemClock } from '../../src/cli/clock.ts';
import { createConnector } from '../../src/connection/connect.ts';
import type { ActSection, SectionAnswer } from '../../src/contract/frame.ts';
import { type ExchangeOptions, type Session, toHostName } from '../../src/contract/host.ts';
import type { LoadedInput, ResourceModule } from '../../src/contract/module.ts';
import type { Answer, Probe } from '../../src/contract/probe.ts';
import type { Change } from '../../src/contract/step.ts';

/** This machine as a host, over a real session. */
export interface LocalHost {
  ask(probes: readonly Probe[]): Promise<readonly Answer[]>;
  converge(module: ResourceModule, given: unknown, inputs?: readonly LoadedInput[]): Promise<Convergence>;
  close(): Promise<void>;
}

export interface Convergence {
  readonly changes: readonly Change[];
  /** The plan on the answers after the steps: empty where the module keeps its promise. */
  readonly after: readonly Change[];
  readonly result: Readonly<Record<string, unknown>>;
}

const options: ExchangeOptions = { privilege: { kind: 'login' }, signal: new AbortController().signal };

export function openLocalHost(): LocalHost {
  const path = process.env['PATH'] ?? '';
  const connector = createConnector({
    targetOf: () => ({ kind: 'local' }),
    environment: { home: '/nonexistent', user: 'root', variables: { PATH: path, LANG: 'C.UTF-8' } },
    clock: systemClock,
  });
  const session = (): Promise<Session> => connector.connect(toHostName('here'), options.signal);

  async function asked(probes: readonly Probe[]): Promise<Extract<SectionAnswer, { readonly kind: 'answers' }>> {
    const [answer] = await (await session()).exchange({ sections: [{ kind: 'ask', probes }] }, options);
    if (answer?.kind !== 'answers') throw new Error(`asked, and got ${answer?.kind}`);
    return answer;
  }

  /** Compares and applies in one frame, as the engine does: only where the host is still as it was asked. */
  async function applied(section: ActSection): Promise<readonly Answer[]> {
    const [answer] = await (await session()).exchange({ sections: [section] }, options);
    if (answer?.kind === 'stepFailed') {
      const { code, stderr } = answer.results.at(-1) ?? { code: -1, stderr: '' };
      throw new Error(`step ${answer.results.length} ended with ${code}: ${stderr}`);
    }
    if (answer?.kind !== 'done') throw new Error(`applied, and got ${answer?.kind}`);
    return answer.after;
  }

  return {
    ask: async (probes) => (await asked(probes)).answers,
    async converge(module, given, inputs = []) {
      const params = module.params.parse(given);
      const probes = module.probe(params, inputs);
      const before = await asked(probes);
      const changes = module.plan(module.read(before.answers, params, inputs), params, inputs);
      const steps = changes.flatMap((change) => change.steps);
      const guard = { probes, fingerprint: before.fingerprint };
      const after = await applied({ kind: 'act', guard, steps, after: probes, onFailure: 'stop' });
      const state = module.read(after, params, inputs);
      return { changes, after: module.plan(state, params, inputs), result: module.result(state, params) };
    },
    close: () => connector.closeAll(),
  };
}
