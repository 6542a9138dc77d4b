import { posix } from 'node:path';
import { parseYaml } from '../contract/parse-yaml.ts';
import { locateTexts } from '../contract/text-pieces.ts';
import type { LocatedText, YamlNode } from '../contract/yaml-node.ts';
import { DiagnosticError } from '../core/diagnostic.ts';
import { messageOf } from '../core/errors.ts';
import type { Play } from '../playbook/play.ts';
import { renderText } from '../template/render.ts';
import type { ControllerFiles } from './options.ts';
import type { Scope } from './scope.ts';

/** Files of variables, each read once in a run. */
export interface VariableFiles {
  /** What the play's vars_files say to a host, whose variables and facts their names may hold. Later ones are stronger. */
  read(play: Play, scope: Scope): readonly YamlNode[];
}

export function createVariableFiles(files: ControllerFiles): VariableFiles {
  const known = new Map<string, YamlNode>();
  return {
    read: (play, scope) =>
      play.varsFiles.map(({ text, at }) => {
        const name = renderText(text, at, scope);
        const path = posix.isAbsolute(name) ? name : posix.join(play.directory, name);
        const node = known.get(path) ?? readMapping(path, { text: name, at }, files);
        known.set(path, node);
        return node;
      }),
  };
}

function readMapping(path: string, name: LocatedText, files: ControllerFiles): YamlNode {
  const text = readText(path, name, files);
  const { node, diagnostics } = parseYaml(text, path);
  if (diagnostics.length > 0) throw new DiagnosticError(diagnostics);
  if (!node) return { kind: 'mapping', entries: [], at: name.at };
  if (node.kind === 'mapping') return locateTexts(node, text.split(/\r?\n/));
  const message = `a file of variables is a mapping, got a ${node.kind === 'sequence' ? 'list' : 'text'}`;
  throw new DiagnosticError([{ code: 'E_WRONG_TYPE', at: node.at, message, hint: 'write name: value' }]);
}

function readText(path: string, { text, at }: LocatedText, files: ControllerFiles): string {
  try {
    return files.readText(path);
  } catch (thrown) {
    const message = `cannot read "${text}": ${messageOf(thrown)}`;
    throw new DiagnosticError([{ code: 'E_NO_FILE', at, message, hint: `looked for ${path}` }]);
  }
}
