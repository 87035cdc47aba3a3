import { enableCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { EngineWork } from './cli/engine-work.ts';

// A thread of the host that packs an engine or installs a packed one (cli/engine-work.ts).
enableCompileCache();
const { doWork } = await import('./desk/work-thread.ts');
const { workOnEngine } = await import('./cli/engine-work.ts');
if (parentPort) await doWork(parentPort, (watch) => workOnEngine(workerData as EngineWork, watch));
