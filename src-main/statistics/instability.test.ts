import { describe, expect, test } from 'vitest';
import { barrier, ticketStability, type Line } from './instability.ts';

const line = (...trainError: number[]): Line => ({
  alpha: [0, 0.5, 1],
  trainError,
  testError: trainError.map((error) => error + 0.1),
});

describe('barrier', () => {
  test('above the blend of the ends, not above the lower or the mean of them', () => {
    expect(barrier([0, 0.25, 0.5, 1], [0.1, 0.4, 0.3, 0.3])).toBeCloseTo(0.4 - (0.75 * 0.1 + 0.25 * 0.3));
  });

  test('none where the line falls below the blend', () => {
    expect(barrier([0, 0.5, 1], [0.2, 0.1, 0.2])).toBe(0);
  });
});

describe('ticket stability', () => {
  test('the shortest from which on all are stable, whatever their order', () => {
    const { tickets, chosen } = ticketStability(
      [
        { iterations: 200, lines: [line(0.1, 0.1, 0.1)] },
        { iterations: 0, lines: [line(0.1, 0.1, 0.1)] },
        { iterations: 50, lines: [line(0.1, 0.5, 0.1)] },
        { iterations: 100, lines: [line(0.1, 0.119, 0.1)] },
      ],
      0.02,
    );
    expect(tickets.map(({ iterations, stable }) => [iterations, stable])).toEqual([
      [0, true],
      [50, false],
      [100, true],
      [200, true],
    ]);
    expect(chosen).toBe(100);
  });

  test('barriers of seeds are averaged, not the barrier of their average', () => {
    const { tickets, chosen } = ticketStability(
      [{ iterations: 10, lines: [line(0, 0.2, 0), line(0.2, 0.1, 0.4)] }],
      0.02,
    );
    expect(tickets[0]?.trainBarrier).toBeCloseTo(0.1);
    expect(tickets[0]?.testBarrier).toBeCloseTo(0.1);
    expect(tickets[0]?.trainError).toEqual([0.1, expect.closeTo(0.15), 0.2]);
    expect(chosen).toBeNull();
  });
});
