import { expect, test } from 'vitest';
import type { TicketStability } from '../statistics/instability.ts';
import { instabilityOption, instabilityText, type InstabilityPicture } from './instability.ts';

const ticket = (iterations: number, stable: boolean): TicketStability => ({
  iterations,
  alpha: [0, 1],
  trainError: [0.1, 0.1],
  testError: [0.2, 0.2],
  trainBarrier: stable ? 0 : 0.3,
  testBarrier: stable ? 0 : 0.3,
  stable,
});

const picture: InstabilityPicture = {
  title: 'lenet on digits',
  tickets: [ticket(0, false), ticket(56, true)],
  chosen: 56,
  below: 0.02,
  unfinished: [],
  sweep: 'demo-ticket-sweep-1a2b',
};

test('lengths that have not finished are named, and how they go on', () => {
  expect(instabilityText(picture)).not.toMatch(/finished/);
  const partly = {
    ...picture,
    unfinished: [
      { iterations: 56, seeds: 1, of: 3 },
      { iterations: 112, seeds: 0, of: 3 },
    ],
  };
  const text = instabilityText(partly);
  expect(text).toContain(
    'Not finished: T0 = 56 (1 of 3 seeds), 112. `swamp resume demo-ticket-sweep-1a2b` goes on.',
  );
  expect(text).toContain('From T0 = 56 iterations on, as far as lengths are finished, the barrier');
  expect(instabilityText({ ...partly, chosen: null })).toContain('No finished length is stable');
  const subtext = (of: InstabilityPicture) => (instabilityOption(of)['title'] as { subtext: string }).subtext;
  expect(subtext(picture)).toBe('Stable from T0 = 56 iterations on.');
  expect(subtext(partly)).toBe(
    'Stable from T0 = 56 iterations on. Not finished: T0 = 56 (1 of 3 seeds), 112.',
  );
});
