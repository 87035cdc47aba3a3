import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';

const here = new URL('./priority.ts', import.meta.url).href;
/** Says what priority its thread has, after it has stepped back. */
const program = `
import { readlinkSync } from 'node:fs';
import { getPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { stepBack } from '${here}';
stepBack();
parentPort.postMessage(getPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1))));
`;

test.runIf(process.platform === 'linux')(
  'a thread that steps back leaves the others where they are',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'priority-'));
    const file = join(folder, 'thread.mjs');
    writeFileSync(file, program);
    const before = getPriority();
    const thread = new Worker(file);
    expect(await once(thread, 'message')).toEqual([Math.max(10, before)]);
    expect(getPriority()).toBe(before);
    await thread.terminate();
    rmSync(folder, { recursive: true });
  },
);
