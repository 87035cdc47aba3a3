import { enableCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { stepBack } from './desk/priority.ts';
import type { ErrandSettings } from './desk/errands.ts';

// A thread of the host that does one long piece of work that only reads the library (desk/errands.ts).
enableCompileCache();
stepBack();
const { serveErrand } = await import('./desk/errand-thread.ts');
if (parentPort) await serveErrand(parentPort, workerData as ErrandSettings);
