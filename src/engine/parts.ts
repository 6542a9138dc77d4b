import type { SectionAnswer } from '../contract/frame.ts';
import type { Exchange } from './converge.ts';

/**
 * Sends something whose sections belong to several parties, `counts` of them to each, and gives every party its answers as
 * soon as they are all there. Where the frame fails, those that have theirs keep them.
 */
export function sendInParts(
  counts: readonly number[],
  send: (onAnswer: (answer: SectionAnswer, section: number) => void) => ReturnType<Exchange>,
): readonly Promise<readonly SectionAnswer[]>[] {
  const owners = counts.flatMap((count, part) => Array.from({ length: count }, () => part));
  const ends = counts.map(() => Promise.withResolvers<readonly SectionAnswer[]>());
  const given = counts.map(() => new Map<number, SectionAnswer>());
  const onAnswer = (answer: SectionAnswer, section: number): void => {
    const part = owners[section] ?? -1;
    const own = given[part]?.set(section, answer);
    if (own && own.size === counts[part]) ends[part]?.resolve(inOrder(own));
  };
  // Nobody may be there to hear of a failure: each party hears of it when its turn comes.
  for (const { promise } of ends) promise.catch(() => undefined);
  send(onAnswer).then(
    (answers) => {
      for (const [section, answer] of answers.entries()) onAnswer(answer, section);
      for (const { resolve } of ends) resolve([]);
    },
    (error: unknown) => {
      for (const { reject } of ends) reject(error);
    },
  );
  return ends.map(({ promise }) => promise);
}

function inOrder(answers: ReadonlyMap<number, SectionAnswer>): readonly SectionAnswer[] {
  return [...answers].sort(([one], [other]) => one - other).map(([, answer]) => answer);
}
