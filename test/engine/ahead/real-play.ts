import fc from 'fast-check';

const name = fc.constantFrom('a', 'b', 'sub/c');
const path = name.map((text) => `{{dir}}/${text}`);
const word = fc.constantFrom('one', 'two', 'three');

const optional = <T>(oneIn: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: oneIn - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

const call = fc.oneof(
  fc
    .record({ dest: path, content: word.map((text) => `${text}\n`), mode: fc.constantFrom('0644', '0600') })
    .map((copy) => ({ copy })),
  fc.record({ path, line: word, create: fc.boolean() }).map((lineinfile) => ({ lineinfile })),
  fc.record({ path, line: word, regexp: fc.constantFrom('^t', '^o') }).map((lineinfile) => ({ lineinfile })),
  fc.record({ path, state: fc.constantFrom('absent', 'file', 'touch') }).map((file) => ({ file })),
  fc.constant({ file: { path: '{{dir}}/sub', state: 'directory' } }),
  fc.constant({ file: { path: '{{dir}}/sub', state: 'absent' } }),
  fc.tuple(path, path).map(([from, to]) => ({ command: { cmd: `cp ${from} ${to}`, creates: to } })),
  fc.tuple(word, path).map(([text, file]) => ({ shell: `echo ${text} >>${file}` })),
  fc.tuple(word, path).map(([text, file]) => ({ command: `grep -q ${text} ${file}` })),
  path.map((file) => ({ shell: `cat ${file} 2>/dev/null; echo seen` })),
  word.map((msg) => ({ debug: { msg } })),
);

const task = fc
  .record({
    call,
    keywords: fc.record({
      when: optional(5, fc.constantFrom('r.changed', 'r.rc == 0', 'false')),
      register: optional(4, fc.constant('r')),
      ignore_errors: optional(3, fc.constant(true)),
      failed_when: optional(12, fc.constant('false')),
    }),
  })
  .map(({ call: called, keywords }) => ({ ...called, ...keywords }));

const entry = fc.oneof(
  { weight: 6, arbitrary: task },
  {
    weight: 1,
    arbitrary: fc.record({
      block: fc.array(task, { minLength: 1, maxLength: 3 }),
      rescue: fc.array(task, { minLength: 1, maxLength: 2 }),
      always: fc.array(task, { minLength: 1, maxLength: 1 }),
    }),
  },
);

/** Tasks of real modules that get in each other's way: few files, all of them written and read by everybody. */
export const realPlay = fc.array(entry, { minLength: 1, maxLength: 9 });
