import { BenchError } from '../core/errors.ts';
import { factsReader } from '../facts/facts.ts';
import { createController } from './controller.ts';
import { EXIT } from './exit-code.ts';
import { chooseHosts } from './hosts.ts';
import { interruptSignal } from './interrupt.ts';
import { readInventory } from './inventory-file.ts';
import { remark, write } from './write.ts';

/** `bench facts`: what each host is, as one JSON object by host name. */
export async function showFacts(path: string, pattern: string): Promise<number> {
  const inventory = readInventory(path);
  const hosts = chooseHosts(inventory, pattern);
  const signal = interruptSignal();
  const controller = createController(inventory);
  const frame = { sections: [{ kind: 'ask', probes: factsReader.probes }] } as const;
  let exitCode: number = EXIT.done;
  try {
    const facts = await Promise.all(
      hosts.map(async (host) => {
        try {
          const session = await controller.connect(host, signal);
          const [answer] = await session.exchange(frame, { privilege: { kind: 'login' }, signal });
          return answer?.kind === 'answers' ? [[host, factsReader.read(answer.answers)] as const] : [];
        } catch (thrown) {
          if (!(thrown instanceof BenchError)) throw thrown;
          remark(`${host}: ${thrown.message} [${thrown.code}]`);
          exitCode = EXIT.unreachable;
          return [];
        }
      }),
    );
    write(JSON.stringify(Object.fromEntries(facts.flat()), null, 2));
    return exitCode;
  } finally {
    await controller.close();
  }
}
