import { workerData } from 'node:worker_threads';
import { BatchPlan } from './batches.ts';
import type { ThreadData } from './loader.ts';
import { Ring } from './ring.ts';

/** Entry of the thread that fills batches ahead of a training (see ThreadLoader). */
const { source, order, start, end, ring: buffers } = workerData as ThreadData;
const ring = new Ring(buffers);
try {
  const plan = new BatchPlan(order);
  for (let iteration = start; iteration < end; iteration++) {
    const slot = ring.free();
    if (slot === null) break;
    plan.fill(iteration, source, slot.images, slot.labels);
    ring.filled();
  }
} catch (error) {
  ring.fail();
  throw error;
}
