import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { flip } from './flip.ts';
import { flipFuses, fuseFile, fuses, readFuses, wrongFuses } from './fuses.ts';

/** As an Electron comes: Node's doors open, the rest shut. */
const SHIPPED = '10110001';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'swamp-fuses-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** A program that is nothing but its fuses, in the middle of something. */
function program(
  { wires = [SHIPPED], version = 1 }: { wires?: readonly string[]; version?: number } = {},
  path = join(folder(), 'electron'),
): string {
  const noise = Buffer.alloc(5000, 'machine code 01');
  const parts = wires.flatMap((wire) => [
    noise,
    Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'),
    Buffer.from([version, wire.length]),
    Buffer.from(wire),
  ]);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, Buffer.concat([...parts, noise]));
  return path;
}

test('what the packaged app is to have', () => {
  const wanted = fuses.map(({ name, on }) => `${name} ${on}`);
  expect(wanted).toEqual([
    'RunAsNode false',
    'EnableCookieEncryption true',
    'EnableNodeOptionsEnvironmentVariable false',
    'EnableNodeCliInspectArguments false',
    'EnableEmbeddedAsarIntegrityValidation true',
    'OnlyLoadAppFromAsar true',
    'LoadBrowserProcessSpecificV8Snapshot false',
    'GrantFileProtocolExtraPrivileges false',
  ]);
});

describe('the fuses of a program', () => {
  test('are flipped, read back, and nothing else of it is touched', () => {
    const at = program();
    const before = readFileSync(at);
    expect(wrongFuses(at)).not.toEqual([]);
    const changed = flipFuses(at);
    expect(changed).toEqual(
      fuses.filter(({ on }, index) => SHIPPED[index] !== (on ? '1' : '0')).map(({ name }) => name),
    );
    expect(wrongFuses(at)).toEqual([]);
    const found = readFuses(at);
    for (const { name, on } of fuses) expect(found[name]).toBe(on ? 'on' : 'off');
    const after = readFileSync(at);
    expect(after.length).toBe(before.length);
    const differing = [...after].flatMap((byte, index) => (byte === before[index] ? [] : [index]));
    expect(differing).toHaveLength(changed.length);
    expect(flipFuses(at)).toEqual([]);
  });

  test('are flipped for both processors of a macOS program, within its app', () => {
    const app = join(folder(), 'Swamp Studio.app');
    const main = join(app, 'Contents', 'MacOS', 'Swamp Studio');
    const file = fuseFile(main);
    expect(file).toBe(fuseFile(app));
    program({ wires: [SHIPPED, SHIPPED] }, file);
    flipFuses(app);
    expect(wrongFuses(main)).toEqual([]);
    expect(readFileSync(file, 'latin1').match(/tsX\x01\x0801001100/g)).toHaveLength(2);
  });

  test('that Electron no longer has, or has in addition, stay as they are', () => {
    const at = program({ wires: ['r01100011'] });
    flipFuses(at);
    expect(readFileSync(at, 'latin1')).toContain('tsX\x01\x09r10011001');
    expect(wrongFuses(at)).toEqual([]);
  });

  test.each([
    ['no Electron', { wires: [] }, /has no fuses/],
    ['three wires', { wires: [SHIPPED, SHIPPED, SHIPPED] }, /in 3 places/],
    ['another version', { version: 2 }, /of version 2/],
    ['too old', { wires: ['1011'] }, /has no fuse EnableEmbedded/],
  ])('of %s are refused, and nothing is written', (_, what, why) => {
    const at = program(what);
    const before = readFileSync(at);
    expect(() => flipFuses(at)).toThrow(why);
    expect(readFileSync(at)).toEqual(before);
  });
});

describe('the command', () => {
  const said: string[] = [];
  const run = (...args: string[]): number => {
    said.length = 0;
    return flip(args, (text) => said.push(text));
  };

  test('flips, and checks without writing', () => {
    const at = program();
    expect(run(at, '--check')).toBe(1);
    expect(said.at(-1)).toMatch(/^Not as wanted: RunAsNode/);
    expect(run(at)).toBe(0);
    expect(run(at, '--check')).toBe(0);
    expect(said).toContain('RunAsNode: off');
  });

  test('leaves the Electron of node_modules alone', () => {
    const at = program({}, join(folder(), 'node_modules', 'electron', 'dist', 'electron'));
    expect(run(at)).toBe(2);
    expect(said.join()).toContain('Give the packaged one');
    expect(wrongFuses(at)).not.toEqual([]);
  });

  test.each([[[]], [['a', 'b']], [['/nowhere/electron']], [['--force', 'a']]])(
    'says what %j lacks',
    (args) => {
      expect(run(...args)).toBe(2);
      expect(said.join()).toMatch(/Usage|there is no/);
    },
  );
});
