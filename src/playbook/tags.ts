export interface TagSelection {
  /** Empty: everything. */
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
}

/**
 * Whether a task with these tags runs under --tags and --skip-tags, by Ansible's rules: `always` runs unless it is
 * skipped by name, `never` only when one of its tags is asked for; `all`, `tagged` and `untagged` select by their names.
 */
export function selectByTags(tags: readonly string[], { tags: wanted, skipTags }: TagSelection): boolean {
  const own = new Set(tags.length > 0 ? tags : ['untagged']);
  const isTagged = tags.length > 0;
  return isWanted(own, isTagged, wanted.length > 0 ? wanted : ['all']) && !isSkipped(own, isTagged, skipTags);
}

function isWanted(own: ReadonlySet<string>, isTagged: boolean, wanted: readonly string[]): boolean {
  if (own.has('always') || wanted.some((tag) => own.has(tag))) return true;
  if (own.has('never')) return false;
  return wanted.includes('all') || (isTagged && wanted.includes('tagged'));
}

function isSkipped(own: ReadonlySet<string>, isTagged: boolean, skipped: readonly string[]): boolean {
  if (skipped.includes('all')) return !own.has('always') || skipped.includes('always');
  return skipped.some((tag) => own.has(tag)) || (isTagged && skipped.includes('tagged'));
}
