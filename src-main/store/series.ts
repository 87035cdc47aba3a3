import type { Series } from '../contract/job.ts';
import type { Database } from './database.ts';

/** Numbers a chunk: 64 KiB. */
const chunkLength = 8192;

/** Metric series of jobs, in chunks of float64. */
export class SeriesTable {
  readonly #sql;

  constructor(db: Database) {
    this.#sql = {
      insert: db.prepare('INSERT INTO job_metrics (job, name, chunk, data) VALUES (?, ?, ?, ?)'),
      all: db.prepare<{ name: string; data: Uint8Array }>(
        'SELECT name, data FROM job_metrics WHERE job = ? ORDER BY name, chunk',
      ),
      remove: db.prepare('DELETE FROM job_metrics WHERE job = ?'),
    };
  }

  write(job: number, series: Series): void {
    for (const [name, values] of Object.entries(series))
      // At least one chunk, so that an empty series comes back.
      for (let chunk = 0; chunk === 0 || chunk * chunkLength < values.length; chunk += 1) {
        const part = Float64Array.from(values.slice(chunk * chunkLength, (chunk + 1) * chunkLength));
        this.#sql.insert.run(job, name, chunk, new Uint8Array(part.buffer));
      }
  }

  read(job: number): Series {
    const series: Series = {};
    for (const { name, data } of this.#sql.all.all(job)) {
      const values = (series[name] ??= []);
      // A blob may lie at any address: copied to one that is aligned. No spread into push, chunks may be long.
      for (const value of new Float64Array(new Uint8Array(data).buffer)) values.push(value);
    }
    return series;
  }

  remove(job: number): void {
    this.#sql.remove.run(job);
  }
}
