import { z } from 'zod';
import { type Change, defineResource, digestOf, pathOf, type Step } from '../contract/module.ts';
import { PreconditionError } from '../core/errors.ts';
import { formatMode } from '../core/mode.ts';
import { absolutePath, attributeParams, planAttributes, targetMode } from './parts/attributes.ts';

const params = z.strictObject({
  url: z
    .string()
    .regex(/^(https?|ftp|file):\/\/[^\s]+$/, 'not an address')
    .meta({
      description: 'Where it comes from; the host fetches it.',
      examples: ['https://example.com/images/fedora.raw.xz'],
    }),
  dest: absolutePath
    .regex(/[^/]$/, 'must name a file')
    .meta({ description: 'File on the host.', examples: ['/srv/images/fedora.raw.xz'] }),
  checksum: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/i, 'must be "sha256:" and 64 hexadecimal digits')
    .meta({
      description: 'What the file must be. A file of this digest is not fetched again.',
      examples: [`sha256:${'0'.repeat(64)}`],
    }),
  ...attributeParams,
});

/** $1 address, $2 file, $3 digest. The new file takes the old one's place only when it is the right one. */
const FETCH = `new=$2.bench~
trap 'rm -f -- "$new"' EXIT
if command -v curl >/dev/null 2>&1; then curl -fsSL --retry 2 -o "$new" -- "$1"
elif command -v wget >/dev/null 2>&1; then wget -q -O "$new" -- "$1"
elif command -v python3 >/dev/null 2>&1; then python3 -c 'import sys, urllib.request; urllib.request.urlretrieve(sys.argv[1], sys.argv[2])' "$1" "$new"
else echo 'the host has neither curl nor wget nor python3' >&2; exit 127; fi || exit
got=$(sha256sum <"$new" | cut -d' ' -f1)
if [ "$got" != "$3" ]; then echo "sha256 of $1 is $got, expected $3" >&2; exit 65; fi
[ -e "$2" ] && { chmod --reference="$2" -- "$new"; chown --reference="$2" -- "$new"; }
mv -f -- "$new" "$2"`;

export const get_url = defineResource({
  name: 'get_url',
  summary: 'Fetch a file of known digest onto the host.',
  params,
  example: `url: https://example.com/images/fedora.raw.xz
dest: /srv/images/fedora.raw.xz
checksum: sha256:${'0123456789abcdef'.repeat(4)}`,
  notes:
    'The host itself fetches, with curl, wget or python3. `checksum` must be given: without it nobody could tell whether there is something to do.',
  isSlow: true,

  probe: ({ dest }) => [pathOf(dest), digestOf(dest)],
  read: ([path, digest]) => ({ entry: path.entry, sha256: digest.sha256 }),
  plan({ entry, sha256 }, { url, dest, checksum, mode, owner, group }): readonly Change[] {
    if (entry && entry.type !== 'file')
      throw new PreconditionError(`${dest} is a ${entry.type}, not a file`, 'name the file itself');
    const wanted = checksum.slice('sha256:'.length).toLowerCase();
    const attributes = entry ? planAttributes(dest, entry, { mode, owner, group }) : [];
    if (sha256 === wanted) return attributes;
    const steps: Step[] = [{ kind: 'run', argv: ['sh', '-c', FETCH, 'sh', url, dest, wanted] }];
    if (!entry) {
      if (owner !== undefined) steps.push({ kind: 'run', argv: ['chown', String(owner), dest] });
      if (group !== undefined) steps.push({ kind: 'run', argv: ['chgrp', String(group), dest] });
      if (mode !== undefined)
        steps.push({ kind: 'run', argv: ['chmod', formatMode(targetMode(mode, 0o644, 'file')), dest] });
    }
    const change: Change = {
      what: `file ${dest}`,
      before: entry && `sha256 ${sha256 ?? 'unknown'}`,
      after: `sha256 ${wanted}`,
      steps,
    };
    return [change, ...attributes];
  },
  result: ({ entry, sha256 }, { url, dest }) => ({
    url,
    dest,
    checksum: sha256 ?? null,
    size: entry?.sizeBytes ?? null,
  }),
});
