import { PreconditionError } from '../../core/errors.ts';
import { linesOf } from '../../core/text.ts';
import { type BridgeState, type BridgeWish, INTERFACES } from './bridge-state.ts';

/** Throws where something else has the card. */
export function assertFree({ master, provider, files }: BridgeState, { name, interface: port }: BridgeWish): void {
  if (master !== undefined && master !== name) {
    throw new PreconditionError(`${port} is a port of ${master} already`, `name: ${master}`);
  }
  const problem = provider.kind === 'ifupdown' ? interfacesProblem(files.main, port) : undefined;
  if (problem !== undefined) {
    throw new PreconditionError(
      `${INTERFACES} ${problem}`,
      `in ${INTERFACES}: "iface ${port} inet manual" and "source /etc/network/interfaces.d/*"`,
    );
  }
}

/** Why ifupdown would not do with a bridge over this card what its file says; undefined where it would. */
function interfacesProblem(text: string, port: string): string | undefined {
  const lines = linesOf(text).map((line) => line.trim().split(/\s+/));
  const own = lines.find(([word, name, , method]) => word === 'iface' && name === port && method !== 'manual');
  if (own) return `gives ${port} an address of its own: "${own.join(' ')}"`;
  const isSourced = lines.some(
    ([word, path]) => word?.startsWith('source') && path?.startsWith('/etc/network/interfaces.d'),
  );
  return isSourced ? undefined : 'does not read /etc/network/interfaces.d';
}
