import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ExperimentId, JobKey } from '../contract/ids.ts';
import type { RunEvent, Where } from '../contract/progress.ts';
import { createProgress, provisionProgress } from './progress.ts';
import { visibleWidth } from './format.ts';
import { wantsColour } from './terminal.ts';

const showCursor = '\u001b[?25h';
const hideCursor = '\u001b[?25l';
const key = 'a' as JobKey;
const where: Where = { arm: 'swamp(4)', seed: 1, round: 4, rounds: 11, index: 2, particles: 4 };
const metrics = { accuracy: 0.9731, nll: 0.102, ece: 0.011 };

const planned: RunEvent = {
  type: 'planned',
  experiment: 'demo-3f9a' as ExperimentId,
  jobs: 150,
  stored: 12,
  trainings: 77,
  trainingsStored: 8,
  device: 'CPU',
};
const started: RunEvent = { type: 'started', key, kind: 'train-particle', where };
const progressed = (iteration: number): RunEvent => ({
  type: 'progress',
  progress: { key, iteration, iterations: 700, loss: 0.0412, accuracy: 0.987, stepMs: 1.23 },
  where,
});
const eta: RunEvent = { type: 'eta', done: 0.43, roundSeconds: 12, experimentSeconds: 130 };
const round: RunEvent = { type: 'round', where, sparsity: 0.59, test: metrics, validation: metrics };

/** A stream that keeps what is written, each write apart. */
function recorder(columns?: number) {
  const writes: string[] = [];
  return { stream: { write: (text: string) => writes.push(text), columns }, writes };
}

/** What a terminal of unlimited height would show after these writes. */
function screen(writes: readonly string[]): string[] {
  const lines: string[] = [''];
  for (const piece of writes.join('').split(/(\u001b\[[0-9;?]*[A-Za-z]|\n|\r)/)) {
    const up = /^\u001b\[(\d+)A$/.exec(piece);
    if (up) lines.splice(lines.length - 1 - Number(up[1]), Number(up[1]) + 1, '');
    else if (piece === '\n') lines.push('');
    else if (!piece.startsWith('\u001b') && piece !== '\r') lines[lines.length - 1] += piece;
  }
  return lines;
}

afterEach(() => vi.useRealTimers());

describe('createProgress in a sweep', () => {
  const sweep = { number: 2, of: 4, secondsBefore: 200, secondsOwn: 200, secondsAfter: 400 };

  it('has a line for all of it', () => {
    const { stream, writes } = recorder(110);
    let time = 0;
    const progress = createProgress({ stream, isTTY: true, colour: false, now: () => (time += 200), sweep });
    // Before anything was timed: 200 of 800 seconds.
    progress.event(started);
    expect(screen(writes).at(-2)).toMatch(/ 25 % {2}sweep 10 min left {2}experiment 2 of 4/);
    // 130 of its 200 seconds are left: 270 of 800 are done.
    progress.event(eta);
    expect(screen(writes).at(-2)).toMatch(/ 34 % {2}sweep 8 min 50 s left {2}experiment 2 of 4/);
    progress.close();
  });

  it('says so in a log', () => {
    const { stream, writes } = recorder();
    let time = 0;
    const progress = createProgress({ stream, isTTY: false, now: () => time, sweep });
    for (const event of [planned, started, eta]) {
      time += 31_000;
      progress.event(event);
    }
    expect(writes.join('')).toMatch(/experiment 2 min 10 s left, experiment 2 of 4, sweep 8 min 50 s left\n/);
  });
});

describe('createProgress on a terminal', () => {
  it('redraws in place, lets rounds scroll above and gives the cursor back', () => {
    const { stream, writes } = recorder(110);
    let time = 0;
    const progress = createProgress({ stream, isTTY: true, colour: false, now: () => time });
    for (const event of [planned, started, progressed(350), eta]) {
      time += 200;
      progress.event(event);
    }
    const before = screen(writes);
    expect(before[0]).toContain('77 trainings, 8 of them already stored, on CPU');
    expect(before[1]).toMatch(/^swamp\(4\) {2}round 4\/10 particle 3\/4 {2}█{8}░{8} {2}50 % {2}loss 0\.041/);
    expect(before[2]).toMatch(/43 % {2}round 12 s, experiment 2 min 10 s left/);
    progress.event(round);
    const after = screen(writes);
    expect(after[1]).toMatch(/^swamp\(4\) {2}seed 1 {2}round 4\/10 +59\.0 % pruned {2}test 97\.31 %/);
    expect(after[2]).toMatch(/particle 3\/4/);
    progress.close();
    expect(screen(writes).slice(2)).toEqual(['']);
    const all = writes.join('');
    expect(all.split(hideCursor)).toHaveLength(2);
    expect(all.endsWith(showCursor)).toBe(true);
  });

  it('draws at most eight times a second, and the last state soon after', () => {
    vi.useFakeTimers();
    const { stream, writes } = recorder(110);
    const progress = createProgress({ stream, isTTY: true, colour: false });
    progress.event(started);
    const drawn = writes.length;
    for (let iteration = 1; iteration <= 50; iteration++) progress.event(progressed(iteration));
    expect(writes.length).toBe(drawn);
    vi.advanceTimersByTime(125);
    expect(writes.length).toBe(drawn + 1);
    expect(writes.at(-1)).toContain('7 %');
    progress.close();
  });

  it('never lets a line wrap', () => {
    for (const width of [20, 40, 79]) {
      const { stream, writes } = recorder(width);
      let time = 0;
      const progress = createProgress({ stream, isTTY: true, colour: true, now: () => time });
      for (const event of [planned, started, progressed(350), eta, round]) {
        time += 200;
        progress.event(event);
      }
      for (const line of writes.join('').replaceAll('\r', '').split('\n'))
        expect(visibleWidth(line)).toBeLessThan(width);
      progress.close();
    }
  });

  it('shows failures whole, with what to do', () => {
    const { stream, writes } = recorder(30);
    const progress = createProgress({ stream, isTTY: true, colour: false });
    progress.event({
      type: 'failed',
      key,
      stack: '',
      where,
      message: 'The worker ran out of memory in this step',
      hint: 'Use less.',
    });
    expect(writes.join('')).toContain('The worker ran out of memory in this step\n  Use less.');
    progress.event({ type: 'ended', state: 'failed' });
    expect(writes.join('')).toContain('ended with failed jobs');
    expect(writes.join('').split(showCursor).length).toBe(writes.join('').split(hideCursor).length);
  });
});

describe('createProgress elsewhere', () => {
  it('counts the particles that there are, whatever number the label ends with', () => {
    const doing = (arm: string, index: number, particles: number): string => {
      const { stream, writes } = recorder();
      let time = 0;
      const progress = createProgress({ stream, isTTY: false, now: () => (time += 31_000) });
      progress.event({ ...started, where: { ...where, arm, index, particles } });
      return writes.join('');
    };
    expect(doing('lottery-pools(2)', 0, 1)).toBe('0 %, lottery-pools(2) round 4/10 training\n');
    expect(doing('instability(25)', 1, 2)).toMatch(/ particle 2\/2\n$/);
    // SWAMP+ has one number in early rounds and another in later ones.
    expect(doing('swamp(1, 4 from 60 %)', 3, 4)).toMatch(/ particle 4\/4\n$/);
    expect(doing('imp-ensemble(2)', 1, 2)).toMatch(/ member 2\/2\n$/);
  });

  it('prints the plan, rounds, and one line of progress in 30 seconds', () => {
    const { stream, writes } = recorder();
    let time = 0;
    const progress = createProgress({ stream, isTTY: false, now: () => time });
    for (const event of [planned, started, eta]) progress.event(event);
    for (time = 1000; time <= 61_000; time += 1000) progress.event(progressed(time / 100));
    progress.event(round);
    progress.event({ type: 'ended', state: 'done' });
    progress.close();
    const lines = writes.join('').trimEnd().split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[1]).toBe(
      '43 %, swamp(4) round 4/10 particle 3/4, loss 0.041, round 12 s, experiment 2 min 10 s left',
    );
    expect(lines[3]).toMatch(/test 97\.31 %/);
    expect(lines[4]).toMatch(/^demo-3f9a is done after 1 min/);
    expect(writes.join('')).not.toContain('\u001b');
  });
});

describe('provisionProgress', () => {
  it('shows bytes, share and time left on a terminal', () => {
    const { stream, writes } = recorder(100);
    let time = 0;
    const progress = provisionProgress({ stream, isTTY: true, colour: false, now: () => time });
    progress.update({ message: 'Downloading', doneBytes: 0, totalBytes: 250e6 });
    time = 5000;
    progress.update({ message: 'Downloading', doneBytes: 50e6, totalBytes: 250e6 });
    expect(screen(writes)[0]).toMatch(/20 % {2}50 MB of 250 MB {2}20 s left {2}Downloading/);
    progress.close();
    expect(writes.at(-1)).toContain(showCursor);
  });

  it('prints each step once elsewhere', () => {
    const { stream, writes } = recorder();
    const progress = provisionProgress({ stream, isTTY: false, now: () => 0 });
    for (const doneBytes of [0, 1, 2]) progress.update({ message: 'Downloading', doneBytes, totalBytes: 3 });
    progress.update({ message: 'Compiling' });
    progress.close();
    expect(writes.join('')).toBe('Downloading\nCompiling\n');
  });
});

describe('wantsColour', () => {
  it('respects NO_COLOR and what is no terminal', () => {
    expect(wantsColour(true, {})).toBe(true);
    expect(wantsColour(true, { NO_COLOR: '1' })).toBe(false);
    expect(wantsColour(true, { NO_COLOR: '' })).toBe(true);
    expect(wantsColour(false, {})).toBe(false);
  });
});
