import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { attach } from '../src-main/transport/client.ts';

// A thread of host-latency.ts: asks a host for comparisons, pages of the table and data sets, on and on, until it is told
// to stop.

/** What was answered meanwhile. */
export interface BusyReport {
  comparisons: number;
  pages: number;
  surveys: number;
}

/** Experiments compared at a time. */
const COMPARED = 40;

const { address } = workerData as { address: string };
const done: BusyReport = { comparisons: 0, pages: 0, surveys: 0 };
const client = await attach(address, 'bench');
let enough = false;

async function compare(): Promise<void> {
  for (let offset = 0; !enough; offset += 100) {
    const { rows, total } = await client.call('table.rows', { group: 'none', offset, limit: 100 });
    done.pages++;
    if (offset + 100 >= total) offset = -100;
    const experiments = [...new Set(rows.map((row) => row.experiment))].slice(0, COMPARED);
    await client.call('experiments.compare', { experiments });
    done.comparisons++;
  }
}

async function survey(): Promise<void> {
  while (!enough) {
    await client.call('plans.survey', { dataset: { kind: 'digits' } });
    done.surveys++;
  }
}

const work = Promise.all([compare(), survey()]);
if (parentPort) {
  await once(parentPort, 'message');
  enough = true;
  await work;
  parentPort.postMessage(done);
}
client.close();
