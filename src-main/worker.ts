import { flushCompileCache } from 'node:module';
import { hostname } from 'node:os';
import { SwampError } from './contract/errors.ts';
import { ToWorker, WorkerSettings, type FromWorker, type JobFailure, type JobOrder } from './contract/job.ts';
// Definitions in files of the user's own are found from here on.
import './own/own.ts';
import { ObjectStore } from './store/objects.ts';
import { checkExport } from './training/check.ts';
import { Stopped, type Partial } from './training/context.ts';
import { runJob } from './training/jobs.ts';
import { timeSteps } from './training/probe.ts';
import { useNetwork } from './training/use.ts';
import { Workspace } from './training/workspace.ts';

// A worker: one job at a time, told what to do by the host over the channel it was started with.

const settings = WorkerSettings.parse(JSON.parse(process.env['SWAMP_WORKER'] ?? '{}'));
const workspace = new Workspace(settings.engine);
const objects = new ObjectStore(settings.library);
/** For tests that look at checkpoints: seconds between any two. */
const seconds = Number(process.env['SWAMP_CHECKPOINT_SECONDS'] ?? NaN);
const checkpoints = seconds >= 0 ? { atEpochSeconds: seconds, seconds } : undefined;
let stopping = false;
let flushed = false;

process.on('message', (raw) => {
  const message = ToWorker.parse(raw);
  switch (message.type) {
    case 'run':
      // What was asked of an earlier job is over.
      stopping = false;
      void run(message.order);
      break;
    case 'probe':
      answer(timeSteps(message.order, workspace).then((result) => ({ type: 'probed', result })));
      break;
    case 'check':
      answer(checkExport(message.order, workspace).then((result) => ({ type: 'checked', result })));
      break;
    case 'use':
      answer(
        useNetwork(message.order, workspace, (done, total) => send({ type: 'using', done, total })).then(
          (result) => ({ type: 'used', result }),
        ),
      );
      break;
    case 'stop':
      stopping = true;
      break;
  }
});
// Ctrl-C on Windows reaches the whole console; the host decides what becomes of the job.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(0));

async function run(order: JobOrder): Promise<void> {
  const start = performance.now();
  const { key } = order;
  const partial: Partial = {
    load: () => objects.readPartial(key),
    save: (tensors, metadata) => objects.writePartial(key, tensors, metadata),
    remove: () => objects.removePartial(key),
  };
  try {
    const output = await runJob({
      order,
      workspace,
      objects,
      partial,
      progress: (progress) =>
        send({
          type: 'progress',
          progress: { key, ...progress, memoryBytes: process.memoryUsage.rss() },
        }),
      stopRequested: () => stopping,
      checkpoints,
    });
    const { sessionMs, ...rest } = output;
    const provenance = { ...workspace.provenance, host: hostname(), app: settings.app };
    const seconds = (performance.now() - start) / 1000;
    send({
      type: 'done',
      key,
      result: { ...rest, seconds, sessionSeconds: sessionMs / 1000, provenance },
    });
    partial.remove();
  } catch (error) {
    if (error instanceof Stopped) send({ type: 'stopped', key });
    else send({ type: 'failed', key, failure: failureOf(error) });
  }
}

/** Sends what a request gives, or why it failed. */
function answer(message: Promise<FromWorker>): void {
  message
    .catch((error: unknown): FromWorker => ({ type: 'failed', key: null, failure: failureOf(error) }))
    .then(send)
    .catch(() => undefined);
}

function failureOf(error: unknown): JobFailure {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), hint: '', stack: '' };
  const hint = error instanceof SwampError ? error.hint : '';
  return { name: error.name, message: error.message, hint, stack: error.stack ?? '' };
}

function send(message: FromWorker): void {
  process.send?.(message);
  if (message.type === 'progress' || message.type === 'using' || flushed) return;
  // Everything is loaded by now. Workers are ended by a signal, which would lose what Node keeps for the next one.
  flushed = true;
  flushCompileCache();
}
