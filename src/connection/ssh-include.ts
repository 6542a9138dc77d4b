import type { Files } from './files.ts';
import { expandHome } from './host-address.ts';

/** As deep as ssh follows files that include each other. */
const DEEPEST = 16;

/**
 * The text of a configuration file with every `Include` replaced by what it names: the parser leaves them alone. Behind an
 * included text the block that it stands in is opened again, since the text may have opened others.
 */
export async function withIncludes(text: string, home: string, files: Files, depth = 0): Promise<string> {
  if (!/^\s*include\b/im.test(text) || depth >= DEEPEST) return text;
  const lines: string[] = [];
  let block = 'Host *';
  for (const line of text.split(/\r?\n/)) {
    const patterns = /^\s*include(?:\s+|\s*=\s*)(.+)$/i.exec(line)?.[1];
    if (patterns === undefined) {
      if (/^\s*(host|match)\b/i.test(line)) block = line;
      lines.push(line);
      continue;
    }
    for (const pattern of patterns.trim().split(/\s+/)) {
      const bare = expandHome(pattern.replaceAll('"', ''), home);
      for (const file of await files.matching(bare.startsWith('/') ? bare : `${home}/.ssh/${bare}`)) {
        lines.push(await withIncludes((await files.readText(file)) ?? '', home, files, depth + 1));
      }
    }
    lines.push(block);
  }
  return lines.join('\n');
}
