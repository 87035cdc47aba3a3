import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { unzipSync } from 'fflate';
import { describe, expect, test, type TestContext } from 'vitest';
import type { ExperimentId, JobKey, RunId } from '../src-main/contract/ids.ts';
import { Database } from '../src-main/store/database.ts';
import { openLibrary } from '../src-main/store/library.ts';
import { inLibrary, jobsOf, swampJson, temporaryFolder } from './cli.ts';

/** A library of the first schema (fixtures/README.md) under this program. */

const small = 'small-f750' as ExperimentId;
const half = 'half-d5cb' as ExperimentId;

function unpack(context: TestContext): string {
  const folder = join(temporaryFolder(context), 'library');
  const zip = readFileSync(fileURLToPath(new URL('fixtures/library-v1.zip', import.meta.url)));
  for (const [name, bytes] of Object.entries(unzipSync(zip))) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
  return folder;
}

/** Every row of every table that the first schema has, in its columns; read by plain SQL. */
function contents(path: string, columns?: Map<string, string>): Record<string, unknown[]> {
  const db = new Database(path, { readOnly: true });
  try {
    const names = columns ?? columnsOf(db);
    return Object.fromEntries(
      [...names].map(([table, list]) => [
        table,
        db.prepare(`SELECT ${list} FROM ${table} ORDER BY ${list}`).all(),
      ]),
    );
  } finally {
    db.close();
  }
}

function columnsOf(db: Database): Map<string, string> {
  const tables = db.prepare<{ name: string }>(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all();
  return new Map(
    tables.map(({ name }) => [
      name,
      db
        .prepare<{ name: string }>(`SELECT name FROM pragma_table_info('${name}') ORDER BY cid`)
        .all()
        .map((column) => column.name)
        .join(', '),
    ]),
  );
}

function firstColumns(path: string): Map<string, string> {
  const db = new Database(path, { readOnly: true });
  try {
    expect(db.pragma('user_version')).toBe(1);
    return columnsOf(db);
  } finally {
    db.close();
  }
}

const backupsIn = (folder: string): string[] =>
  readdirSync(folder).filter((name) => /^swamp\.db\.v1-.*\.backup$/.test(name));

describe('a library of the first schema', () => {
  test('is migrated with all that is in it, after a backup', (context) => {
    const folder = unpack(context);
    const path = join(folder, 'swamp.db');
    const columns = firstColumns(path);
    const before = contents(path, columns);

    // Whoever only looks updates it as well.
    openLibrary(folder, { readOnly: true }).close();

    expect(contents(path, columns)).toEqual(before);
    expect(before['jobs']).toHaveLength(36);
    const [backup = ''] = backupsIn(folder);
    expect(contents(join(folder, backup), columns)).toEqual(before);
    const db = new Database(path);
    expect(db.pragma('integrity_check')).toBe('ok');
    expect(db.prepare('PRAGMA foreign_key_check').all()).toEqual([]);
    // What the rebuilt table must still do: cascade to runs, count states.
    db.pragma('foreign_keys = ON');
    db.exec(`UPDATE jobs SET state = 'failed' WHERE state = 'cancelled' OR state = 'waiting'`);
    expect(db.prepare(`SELECT failed, waiting FROM experiments WHERE id = '${half}'`).get()).toEqual({
      failed: 15,
      waiting: 0,
    });
    db.exec('DELETE FROM experiments');
    expect(db.prepare('SELECT COUNT(*) AS n FROM runs').get()).toEqual({ n: 0 });
    db.close();
  });

  test('shows its experiments, results, tags and notes as before', (context) => {
    inLibrary(unpack(context), ({ store, objects }) => {
      expect(store.experiments()).toMatchObject([
        { id: half, state: 'stopped', removed: null, origin: null, sweep: null, tags: [] },
        { id: small, state: 'done', note: 'before the second schema', runs: 2 },
      ]);
      expect(store.run(`${small}/swamp-2/1` as RunId)).toMatchObject({ tags: ['keep'], state: 'done' });
      expect(store.run(`${small}/imp/1` as RunId)).toMatchObject({
        note: 'one particle',
        summary: { roundsDone: 2, finalAccuracy: 0.545 },
      });
      const weights = store.plan(small).jobs.filter(({ kind }) => /^(train|average|prune)/.test(kind));
      expect(weights).toHaveLength(11);
      for (const { key } of weights)
        for (const digest of Object.values(store.result(key)?.outputs ?? {}))
          expect(objects.verify(digest), key).toBe('sound');
      expect(store.settledKeys(weights).size).toBe(weights.length);
    });
  });

  test('is as it was when a migration is killed half-way, and is migrated the next time', (context) => {
    const folder = unpack(context);
    const path = join(folder, 'swamp.db');
    const columns = firstColumns(path);
    const before = contents(path, columns);
    const script = join(folder, 'die.ts');
    const module = (name: string): string =>
      JSON.stringify(pathToFileURL(join(import.meta.dirname, '../src-main/store', name)).href);
    // Little cache, so that pages of the unfinished transaction are on disk when the process dies.
    writeFileSync(
      script,
      `import { Database } from ${module('database.ts')};
      import { migrate, migrations } from ${module('migrations.ts')};
      const db = new Database(${JSON.stringify(path)});
      db.pragma('cache_size = 1');
      const exec = db.exec.bind(db);
      db.exec = (sql) => { exec(sql); process.kill(process.pid, 'SIGKILL'); };
      migrate(db);`,
    );
    const killed = spawnSync(process.execPath, [script]);
    expect(killed.signal, String(killed.stderr)).toBe('SIGKILL');
    expect(contents(path, columns)).toEqual(before);
    expect(firstColumns(path)).toEqual(columns);
    openLibrary(folder).close();
    expect(contents(path, columns)).toEqual(before);
    expect(backupsIn(folder)).toHaveLength(2);
  });

  test('cannot be read while an older program holds it, which is said', (context) => {
    const folder = unpack(context);
    const lock = new Database(join(folder, 'host.lock.db'));
    lock.exec('BEGIN EXCLUSIVE');
    expect(() => openLibrary(folder, { readOnly: true })).toThrow(
      /must be updated.*in use by another process/,
    );
    lock.close();
    expect(backupsIn(folder)).toEqual([]);
  });

  test('lets a stopped experiment go on from its checkpoint to the end', async (context) => {
    const folder = unpack(context);
    const [partial = ''] = readdirSync(join(folder, 'partial'));
    const key = partial.replace('.safetensors', '') as JobKey;
    const resumed = await swampJson<{ state: string }>(['resume', half, '--library', folder]);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resumed.document.state).toBe('done');
    const jobs = jobsOf(folder);
    expect([...jobs.values()].every(({ state }) => state === 'done')).toBe(true);
    // It went on: 30 epochs of 56 steps, fewer of them now. The ticket was not trained again.
    expect(jobs.get(key)?.attempts).toBe(2);
    inLibrary(folder, ({ store }) => {
      expect(store.result(key)?.steps).toBeLessThan(30 * 56);
      const [ticket] = store.plan(half).jobs;
      expect(ticket).toMatchObject({ kind: 'train-ticket', attempts: 1 });
    });
  });
});
