import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LibraryError } from '../contract/errors.ts';
import { Database } from './database.ts';
import { journalFor } from './filesystem.ts';
import { libraryFolder, openLibrary } from './library.ts';
import { inspect, migrate, migrations, type Migration } from './migrations.ts';
import { experiment, job, keyOf } from './testing.ts';

let folder: string;
let dir: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'library-'));
  dir = join(folder, 'library');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A library with one experiment of one job. */
function makeLibrary(): void {
  const library = openLibrary(dir, { create: true });
  library.store.createExperiment(experiment('a-1', [job('ticket')], { imp: ['ticket'] }));
  library.close();
}

test('a library that is not there is made only on request', () => {
  expect(() => openLibrary(dir)).toThrow(/there is no library in/);
  expect(() => openLibrary(dir, { create: true, readOnly: true })).toThrow(LibraryError);
  expect(existsSync(dir)).toBe(false);
  openLibrary(dir, { create: true }).close();
  expect(readdirSync(dir).sort()).toEqual(['host.lock.db', 'objects', 'partial', 'swamp.db']);
  openLibrary(dir).close();
});

test('the folder: what is given, else SWAMP_LIBRARY, else the data folder', () => {
  expect(libraryFolder('/x', { SWAMP_LIBRARY: '/y' })).toBe('/x');
  expect(libraryFolder(undefined, { SWAMP_LIBRARY: '/y' })).toBe('/y');
  expect(libraryFolder(undefined, { SWAMP_LIBRARY: '' })).toContain('swamp-studio');
});

test('journals safely, and checks foreign keys', () => {
  openLibrary(dir, { create: true }).close();
  const db = new Database(join(dir, 'swamp.db'));
  expect(db.pragma('journal_mode')).toBe('wal');
  expect(db.pragma('integrity_check')).toBe('ok');
  db.close();
});

test('a full disk is a clear error, and what was committed stays', ({ skip }) => {
  mkdirSync(dir);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dir], { stdio: 'ignore' });
  } catch {
    skip('mounting a tiny file system needs root');
  }
  try {
    const library = openLibrary(dir, { create: true });
    const note = (length: number): void => {
      library.store.note(library.store.findExperiment('a'), 'x'.repeat(length));
    };
    library.store.createExperiment(experiment('a-1', [job('ticket')], { imp: ['ticket'] }));
    expect(() => note(4_000_000)).toThrow(LibraryError);
    expect(() => note(4_000_000)).toThrow(/the disk is full \(SQLITE_FULL/);
    note(10);
    expect(library.store.experiments()).toMatchObject([{ id: 'a-1', note: 'x'.repeat(10) }]);
    library.close();
  } finally {
    execFileSync('umount', [dir]);
  }
});

describe('the lock', () => {
  test('refuses a second opener by name, lets readers in, and ends with the library', () => {
    const library = openLibrary(dir, { create: true });
    expect(() => openLibrary(dir)).toThrow(new RegExp(`in use by process ${process.pid} on `));
    expect(() => openLibrary(dir)).toThrow(LibraryError);
    const reader = openLibrary(dir, { readOnly: true });
    library.store.createExperiment(experiment('a-1', [], {}));
    expect(reader.store.experiments()).toHaveLength(1);
    expect(() => reader.store.putTiming('x', 1)).toThrow(/read-only/);
    reader.close();
    library.close();
    library.close();
    openLibrary(dir).close();
    expect(existsSync(join(dir, 'host.lock.json'))).toBe(false);
  });

  test('is free again after a killed host, whose jobs then wait and whose experiments are interrupted', async () => {
    makeLibrary();
    const script = join(folder, 'host.ts');
    const module = pathToFileURL(join(import.meta.dirname, 'library.ts')).href;
    writeFileSync(
      script,
      `import { openLibrary } from ${JSON.stringify(module)};
      const { store } = openLibrary(${JSON.stringify(dir)});
      store.startJob(${JSON.stringify(keyOf('ticket'))}, 'worker-1');
      process.stdout.write('running');
      setInterval(() => {}, 1000);`,
    );
    const host = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await once(host.stdout, 'data');
      expect(() => openLibrary(dir)).toThrow(new RegExp(`in use by process ${host.pid} on `));
    } finally {
      host.kill('SIGKILL');
      await once(host, 'exit');
    }
    const library = openLibrary(dir);
    const { store } = library;
    expect(store.jobs([keyOf('ticket')])).toMatchObject([{ state: 'running' }]);
    expect(store.recover()).toEqual({ jobs: [keyOf('ticket')], experiments: ['a-1'] });
    expect(store.jobs([keyOf('ticket')])).toMatchObject([{ state: 'waiting', attempts: 1 }]);
    expect(store.attempts(keyOf('ticket'))).toMatchObject([{ worker: 'worker-1', outcome: 'interrupted' }]);
    expect(store.experiments()).toMatchObject([{ state: 'interrupted', counts: { waiting: 1, running: 0 } }]);
    expect(store.recover()).toEqual({ jobs: [], experiments: [] });
    store.setExperimentWish(store.findExperiment('a'), 'run');
    store.startJob(keyOf('ticket'), 'worker-2');
    library.close();
  });

  test('an experiment killed between two jobs is interrupted as well, a stopped one stays stopped', () => {
    makeLibrary();
    const library = openLibrary(dir);
    const { store } = library;
    store.createExperiment(experiment('b-1', [job('ticket')], { imp: ['ticket'] }));
    store.setExperimentWish(store.findExperiment('b'), 'stopped');
    expect(store.recover()).toEqual({ jobs: [], experiments: ['a-1'] });
    expect(store.experiments().map(({ state }) => state)).toEqual(['stopped', 'interrupted']);
    library.close();
  });
});

describe('a database that cannot be used is left alone', () => {
  const path = (): string => join(dir, 'swamp.db');
  function refused(message: RegExp): void {
    const before = readFileSync(path());
    expect(() => openLibrary(dir)).toThrow(LibraryError);
    expect(() => openLibrary(dir)).toThrow(message);
    expect(() => openLibrary(dir, { readOnly: true })).toThrow(message);
    expect(readFileSync(path()).equals(before)).toBe(true);
  }

  test('one that is no database', () => {
    makeLibrary();
    writeFileSync(path(), 'this was a database once, before something wrote over it');
    refused(/swamp.db is damaged \(SQLITE_NOTADB/);
  });

  test('one with a broken page', () => {
    makeLibrary();
    const bytes = readFileSync(path());
    writeFileSync(path(), bytes.fill(0xff, 100, 4096));
    refused(/swamp.db is damaged \(SQLITE_CORRUPT/);
  });

  test('one of a newer version', () => {
    makeLibrary();
    const db = new Database(path());
    db.pragma('user_version = 99');
    db.close();
    refused(/newer version of this program \(database version 99, this one knows \d+\)/);
  });

  test('one of another program', () => {
    makeLibrary();
    const db = new Database(path());
    db.pragma('application_id = 1');
    db.close();
    refused(/another program/);
  });

  test('network file systems are refused, Plan 9 does without WAL', () => {
    expect(() => journalFor(0x6969, '/home')).toThrow(/network file system \(NFS\)/);
    expect(() => journalFor(0xff534d42 | 0, '/home')).toThrow(/CIFS/);
    expect(journalFor(0x01021997, '/mnt/c')).toBe('delete');
    expect(journalFor(0xef53, '/')).toBe('wal');
  });
});

describe('migrations', () => {
  const steps: readonly Migration[] = [
    ...migrations,
    { title: 'colours', sql: `ALTER TABLE runs ADD COLUMN colour TEXT NOT NULL DEFAULT 'green';` },
    { title: 'shapes', sql: 'CREATE TABLE shapes (name TEXT) STRICT;' },
  ];
  const path = (): string => join(dir, 'swamp.db');

  test('go step by step, each after a backup that can be opened', () => {
    makeLibrary();
    const db = new Database(path());
    expect(inspect(db, steps)).toBe('older');
    const backups = migrate(db, steps);
    expect(inspect(db, steps)).toBe('current');
    expect(db.prepare('SELECT id, colour FROM runs').all()).toEqual([{ id: 'a-1/imp/1', colour: 'green' }]);
    expect(migrate(db, steps)).toEqual([]);
    db.close();
    expect(backups).toHaveLength(2);
    expect(backups[0]).toMatch(new RegExp(`swamp\\.db\\.v${migrations.length}-.*\\.backup$`));
    const [first = ''] = backups;
    copyFileSync(first, path());
    rmSync(`${path()}-wal`, { force: true });
    const library = openLibrary(dir);
    expect(library.store.experiments()).toMatchObject([{ id: 'a-1' }]);
    library.close();
  });

  test('an analysis that went to the trash with its experiment is known afterwards, one that stayed is not', () => {
    mkdirSync(dir);
    const db = new Database(path());
    migrate(db, migrations.slice(0, 4));
    const insert = db.prepare(
      `INSERT INTO experiments (number, id, name, created, config, resolved, removed, analysis) VALUES (?, ?, ?, 1, '{}', '{}', ?, ?)`,
    );
    for (const [number, removed, analysis] of [
      [1, 5000, null],
      [2, 5000, 'masks'],
      [3, 4000, 'masks'],
      [4, null, 'masks'],
    ] as const)
      insert.run(number, `e-${number}`, `e-${number}`, removed, analysis);
    db.exec('INSERT INTO analysis_of (analysis, experiment) VALUES (2, 1), (3, 1), (4, 1);');
    migrate(db);
    expect(db.prepare('SELECT analysis FROM analysis_of WHERE went = 1').all()).toEqual([{ analysis: 2 }]);
    db.close();
  });

  test('a step that fails leaves the database as it was', () => {
    makeLibrary();
    const db = new Database(path());
    const broken = [
      ...migrations,
      { title: 'broken', sql: 'CREATE TABLE shapes (name TEXT); SELECT nonsense;' },
    ];
    expect(() => migrate(db, broken)).toThrow(/nonsense/);
    expect(inspect(db)).toBe('current');
    expect(db.prepare(`SELECT name FROM sqlite_schema WHERE name = 'shapes'`).all()).toEqual([]);
    expect(db.pragma('foreign_keys')).toBe(1);
    db.close();
  });

  test('a step that breaks references is not committed', () => {
    makeLibrary();
    const db = new Database(path());
    const broken = [...migrations, { title: 'broken', sql: 'DELETE FROM jobs;' }];
    expect(() => migrate(db, broken)).toThrow(/broken references/);
    expect(inspect(db)).toBe('current');
    db.close();
  });

  test('a new database needs no backup', () => {
    openLibrary(dir, { create: true }).close();
    expect(readdirSync(dir).filter((name) => name.endsWith('.backup'))).toEqual([]);
  });
});
