import { enableCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { DeskSettings } from './desk/messages.ts';

// A thread of the host that only reads and plans (desk/).
enableCompileCache();
const { serveDesk } = await import('./desk/thread.ts');
if (parentPort) serveDesk(parentPort, workerData as DeskSettings);
