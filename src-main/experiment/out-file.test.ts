import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { outPath, prepareOut } from './out-file.ts';

function library(): string {
  const made = mkdtempSync(join(tmpdir(), 'swamp-out-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

test.each(['~table.csv', '..table.csv', '~', 'sub/~x.csv'])(
  '%s below exports/ or in the home folder',
  (out) => {
    const at = library();
    const path = out === '~' ? homedir() : join(at, 'exports', out);
    expect(outPath(at, out)).toBe(path);
  },
);

test('the folder for exports is made for a name that begins with a tilde', () => {
  const at = library();
  expect(prepareOut(at, '~table.csv', false)).toBe(join(at, 'exports', '~table.csv'));
});

test.each(['../table.csv', '..', 'sub/../../table.csv', ''])('%j leads out', (out) => {
  expect(() => prepareOut(library(), out, false)).toThrow(/leads out of/);
});
