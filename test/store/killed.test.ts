import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Masker } from '../../src/core/secret.ts';
import { createDirectoryStore } from '../../src/store/directory-store.ts';

test('a process that is killed in the middle of writing loses no event that it had finished', async () => {
  const root = mkdtempSync(join(tmpdir(), 'bench-killed-'));
  try {
    const script = fileURLToPath(new URL('./writing-process.ts', import.meta.url));
    const child = spawn(process.execPath, [script, root], {
      stdio: ['ignore', 'pipe', 'inherit'],
      // Whatever becomes of this test, the endless writer ends.
      timeout: 60_000,
      killSignal: 'SIGKILL',
    });
    const ended = once(child, 'exit');
    let said = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      said = Number(line);
      if (said >= 300) child.kill('SIGKILL');
    }
    expect((await ended)[1]).toBe('SIGKILL');
    const store = createDirectoryStore({ root, masker: new Masker(), now: Date.now });
    const [summary] = store.list();
    expect(summary?.result).toBeUndefined();
    const events = summary ? store.read(summary.record.id).events : [];
    expect(said).toBeGreaterThanOrEqual(300);
    expect(events.length).toBeGreaterThanOrEqual(said);
    expect(events.map(({ event }) => (event.type === 'taskFinished' ? event.task.id : 0))).toEqual(
      events.map((_, index) => index + 1),
    );
  } finally {
    rmSync(root, { recursive: true });
  }
});
