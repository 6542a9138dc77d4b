import { resolve } from 'node:path';
import type { Connect, ExchangeOptions, HostName, Privilege, Session } from '../contract/host.ts';
import type { ActionHost } from '../contract/module.ts';
import type { Answer, AnswersTo, Probe } from '../contract/probe.ts';
import type { Position } from '../core/diagnostic.ts';
import { BenchError } from '../core/errors.ts';
import { suggest } from '../core/text.ts';
import { evaluate } from '../template/condition.ts';
import { resultsOf } from './converge.ts';
import type { EngineOptions } from './options.ts';
import type { Scope } from './scope.ts';
import { findHost } from './settings.ts';

export interface ActionContext {
  readonly options: EngineOptions;
  readonly connect: Connect;
  readonly scope: Scope;
  readonly at: Position;
  readonly directory: string;
  readonly privilegeOf: (host: HostName) => Privilege;
  readonly environment: Readonly<Record<string, string>>;
  readonly report: (line: string) => void;
  readonly signal: AbortSignal;
}

/** What an action sees of a host; connects when the host is first asked something. */
export function createActionHost(name: HostName, context: ActionContext): ActionHost {
  const { options, scope } = context;
  const privilege = context.privilegeOf(name);
  const session = (): Promise<Session> => context.connect(name, context.signal);
  const exchangeOptions = (signal: AbortSignal): ExchangeOptions => ({
    privilege,
    environment: context.environment,
    signal,
  });
  return {
    name,
    privilege,
    clock: options.clock,
    variables: scope,
    session,
    async ask<const L extends readonly Probe[]>(probes: L, signal: AbortSignal): Promise<AnswersTo<L>> {
      const [answer] = await (await session()).exchange(
        { sections: [{ kind: 'ask', probes }] },
        exchangeOptions(signal),
      );
      if (answer?.kind !== 'answers') throw new BenchError('E_NO_ANSWER', `${name} gave no answer to a question`);
      return toTuple<L>(answer.answers);
    },
    async run(steps, signal) {
      const section = { kind: 'act', steps, after: [], onFailure: 'stop' } as const;
      const [answer] = await (await session()).exchange({ sections: [section] }, exchangeOptions(signal));
      return resultsOf(answer, steps);
    },
    other(wanted) {
      const other = findHost(wanted, options);
      if (other === undefined) {
        throw new BenchError('E_UNKNOWN_HOST', `there is no host "${wanted}" in the inventory`, {
          hint: suggest(wanted, options.inventory.hosts.keys()),
        });
      }
      return createActionHost(other, context);
    },
    evaluate: (expression) => evaluate({ text: expression, at: context.at }, scope),
    report: context.report,
    async saveFile(path, bytes) {
      const target = resolve(context.directory, path);
      await options.files.write(target, bytes);
      return target;
    },
    async savedDigest(path) {
      const target = resolve(context.directory, path);
      return options.files.sizeOf(target) === undefined ? undefined : options.files.digestOf(target);
    },
    measureMigration: options.measureMigration,
  };
}

/** A session answers probes one for one, in their order: the types of the list carry over. */
function toTuple<L extends readonly Probe[]>(answers: readonly Answer[]): AnswersTo<L> {
  return answers as unknown as AnswersTo<L>;
}
