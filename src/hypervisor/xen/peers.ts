import type { GuestState } from '../../contract/hypervisor.ts';
import { askShell, type CommandAnswer, type CommandProbe, volatile } from '../../contract/probe.ts';
import { linesOf, tailOf } from '../../core/text.ts';
import { parseGuestList } from './guest-list.ts';

/** What the host itself and, where the guest is not on it, its peers say of their guests. */
export interface Whereabouts {
  /** Every guest of this host. */
  readonly here: readonly GuestState[];
  readonly peers: readonly { readonly peer: string; readonly guests: readonly GuestState[] }[];
  /** Peers that gave no list, with their last word. */
  readonly silent: readonly { readonly peer: string; readonly reason: string }[];
}

const HEADING = '== ';
const LISTS = `
echo "${HEADING}"; xl list || exit
xl list "$1" >/dev/null 2>&1 && exit
shift
for peer; do
  [ "$peer" = "$(uname -n)" ] && continue
  echo "${HEADING}$peer"
  ssh -o BatchMode=yes -o ConnectTimeout=5 "root@$peer" xl list 2>&1
done
exit 0`;

/**
 * Lists this host's guests and, unless the guest is among them, those of its peers, over the ssh trust that migrations need
 * anyway. One question, so that a guest which has been migrated away is not taken for one that is missing.
 */
export function whereaboutsProbe(guest: string, peers: readonly string[]): CommandProbe {
  return volatile(askShell(LISTS, guest, ...peers));
}

/** Undefined when the host itself has no list to give; its message is in the answer. */
export function readWhereabouts({ code, stdout }: CommandAnswer): Whereabouts | undefined {
  if (code !== 0) return undefined;
  const [own = '', ...others] = stdout.split(new RegExp(`^${HEADING}`, 'm')).slice(1);
  const silent: { peer: string; reason: string }[] = [];
  const peers: { peer: string; guests: readonly GuestState[] }[] = [];
  for (const section of others) {
    const [peer = '', ...lines] = linesOf(section);
    const begin = lines.findIndex((line) => line.startsWith('Name '));
    const text = lines.slice(Math.max(0, begin)).join('\n');
    if (begin === -1) silent.push({ peer, reason: tailOf(text, 1) || 'no answer' });
    else peers.push({ peer, guests: parseGuestList(text) });
  }
  return { here: parseGuestList(own.replace(/^\n/, '')), peers, silent };
}
