import { createInterface } from 'node:readline';

/**
 * Runs `step` so many times as each line on standard input says and answers with a line of JSON: the milliseconds
 * of each, and of processor time in all. So that several programs can be timed by turns (compare-step.ts).
 */
export async function takeTurns(name: string, step: () => void): Promise<void> {
  for (let at = 0; at < 3; at++) step();
  process.stdout.write(`${JSON.stringify({ name })}\n`);
  for await (const line of createInterface({ input: process.stdin })) {
    const times: number[] = [];
    const before = process.cpuUsage();
    for (let at = 0; at < Number(line); at++) {
      const start = performance.now();
      step();
      times.push(performance.now() - start);
    }
    const { user, system } = process.cpuUsage(before);
    process.stdout.write(`${JSON.stringify({ times, cpuMs: (user + system) / 1000 })}\n`);
  }
}
