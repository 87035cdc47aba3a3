import { hostname } from 'node:os';
import { join } from 'node:path';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { readSafetensors, writeSafetensors } from './checkpoint/safetensors.ts';
import { SwampError } from './contract/errors.ts';
import type { JobKey } from './contract/ids.ts';
import { ToWorker, WorkerSettings, type FromWorker, type JobFailure, type JobOrder } from './contract/job.ts';
import { ObjectStore } from './store/objects.ts';
import { Stopped, type Partial } from './training/context.ts';
import { runJob } from './training/jobs.ts';
import { timeSteps } from './training/probe.ts';
import { Workspace } from './training/workspace.ts';

// A worker: one job at a time, told what to do by the host over the channel it was started with.

const settings = WorkerSettings.parse(JSON.parse(process.env['SWAMP_WORKER'] ?? '{}'));
const workspace = new Workspace(settings.engine);
const objects = new ObjectStore(join(settings.library, 'objects'));
let stopping = false;

process.on('message', (raw) => {
  const message = ToWorker.parse(raw);
  switch (message.type) {
    case 'run':
      void run(message.order);
      break;
    case 'probe':
      timeSteps(message.order, workspace)
        .then((result) => send({ type: 'probed', result }))
        .catch((error: unknown) => send({ type: 'failed', key: null, failure: failureOf(error) }));
      break;
    case 'stop':
      stopping = true;
      break;
  }
});
// Ctrl-C in a terminal reaches the whole group; the host decides what becomes of the job.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(0));

async function run(order: JobOrder): Promise<void> {
  const start = performance.now();
  const partial = partialOf(order.key);
  try {
    if (stopping) throw new Stopped();
    const output = await runJob({
      order,
      workspace,
      objects,
      partial,
      progress: (progress) => send({ type: 'progress', progress: { key: order.key, ...progress } }),
      stopRequested: () => stopping,
    });
    const { sessionMs, ...rest } = output;
    const provenance = { ...workspace.provenance, host: hostname(), app: settings.app };
    const seconds = (performance.now() - start) / 1000;
    send({
      type: 'done',
      key: order.key,
      result: { ...rest, seconds, sessionSeconds: sessionMs / 1000, provenance },
    });
    partial.remove();
  } catch (error) {
    if (error instanceof Stopped) send({ type: 'stopped', key: order.key });
    else send({ type: 'failed', key: order.key, failure: failureOf(error) });
  }
}

/** `<library>/partial/<key>.safetensors` */
function partialOf(key: JobKey): Partial {
  const folder = join(settings.library, 'partial');
  const path = join(folder, `${key}.safetensors`);
  return {
    load: () => (existsSync(path) ? readSafetensors(path) : null),
    save(tensors, metadata) {
      mkdirSync(folder, { recursive: true });
      writeSafetensors(path, tensors, metadata);
    },
    remove: () => rmSync(path, { force: true }),
  };
}

function failureOf(error: unknown): JobFailure {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), hint: '', stack: '' };
  const hint = error instanceof SwampError ? error.hint : '';
  return { name: error.name, message: error.message, hint, stack: error.stack ?? '' };
}

function send(message: FromWorker): void {
  process.send?.(message);
}
