/** `0644`, `644`, `0o644` as permission bits; undefined when the text is not octal. */
export function parseOctalMode(text: string): number | undefined {
  return /^(0o)?[0-7]{3,5}$/.test(text) ? Number.parseInt(text.replace(/^0o/, ''), 8) & 0o7777 : undefined;
}

const CLAUSE = /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$/;
const SHIFT = { u: 6, g: 3, o: 0 } as const;
const BIT: Readonly<Record<string, number>> = { r: 4, w: 2, x: 1 };

/** Whether a text is a symbolic mode as chmod(1) takes it: `u+x,g=r`. */
export function isSymbolicMode(text: string): boolean {
  return text.split(',').every((clause) => CLAUSE.test(clause));
}

/**
 * Permission bits after a symbolic mode was applied to `current`. `X` is execute only for directories and for files that
 * somebody may execute already. No who means all, without a umask: a playbook gives the same result on every host.
 */
export function applySymbolicMode(text: string, current: number, kind: 'file' | 'directory'): number {
  let mode = current;
  for (const clause of text.split(',')) {
    const [, who = '', actions = ''] = CLAUSE.exec(clause) ?? [];
    for (const [, operator = '=', permissions = ''] of actions.matchAll(/([-+=])([^-+=]*)/g)) {
      mode = applyAction(mode, { who: who === '' || who.includes('a') ? 'ugo' : who, operator, permissions, kind });
    }
  }
  return mode;
}

interface ModeAction {
  readonly who: string;
  readonly operator: string;
  readonly permissions: string;
  readonly kind: 'file' | 'directory';
}

function applyAction(mode: number, { who, operator, permissions, kind }: ModeAction): number {
  let mask = 0;
  let cleared = 0;
  for (const letter of ['u', 'g', 'o'] as const) {
    if (!who.includes(letter)) continue;
    mask |= permissionBits(permissions, mode, kind) << SHIFT[letter];
    cleared |= 7 << SHIFT[letter];
  }
  if (permissions.includes('s')) {
    if (who.includes('u')) mask |= 0o4000;
    if (who.includes('g')) mask |= 0o2000;
  }
  if (permissions.includes('t')) mask |= 0o1000;
  switch (operator) {
    case '+':
      return mode | mask;
    case '-':
      return mode & ~mask;
    default:
      return (mode & ~cleared) | mask;
  }
}

function permissionBits(permissions: string, mode: number, kind: 'file' | 'directory'): number {
  let bits = 0;
  for (const letter of permissions) {
    if (letter === 'u' || letter === 'g' || letter === 'o') bits |= (mode >> SHIFT[letter]) & 7;
    else if (letter === 'X') bits |= kind === 'directory' || (mode & 0o111) !== 0 ? 1 : 0;
    else bits |= BIT[letter] ?? 0;
  }
  return bits;
}

/** `0644`: four octal digits. */
export function formatMode(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}
