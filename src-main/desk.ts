import { enableCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { stepBack } from './desk/priority.ts';
import type { DeskSettings } from './desk/messages.ts';

// A thread of the host that only reads and plans (desk/).
enableCompileCache();
stepBack();
const { serveDesk } = await import('./desk/thread.ts');
if (parentPort) serveDesk(parentPort, workerData as DeskSettings);
