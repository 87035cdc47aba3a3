import { describe, expect, test } from 'vitest';
import { MOST_POINTS } from '../contract/curve.ts';
import type { ExperimentId, JobKey } from '../contract/ids.ts';
import type { RunEvent } from '../contract/progress.ts';
import { Feed } from './feed.ts';

const id = 'one' as ExperimentId;
const key = 'a' as JobKey;
const where = { arm: 'imp', seed: 1, round: 0, rounds: 2, index: 0 };
const started: RunEvent = { type: 'started', key, kind: 'train-particle', where };
const progress = (iteration: number, loss = 1 / iteration): RunEvent => ({
  type: 'progress',
  where,
  progress: { key, iteration, iterations: 5000, loss, accuracy: 0.5 },
});

function told(feed: Feed, ...events: readonly RunEvent[]): void {
  for (const event of events) feed.tell(id, event);
}

/** What one who listens from now on hears at once. */
function heard(feed: Feed): RunEvent[] {
  const events: RunEvent[] = [];
  feed.listen(id, (event) => events.push(event))();
  return events;
}

const curveIn = (events: readonly RunEvent[]): readonly number[] =>
  events.flatMap((event) => (event.type === 'curve' ? event.points.map(({ iteration }) => iteration) : []));

describe('a newcomer', () => {
  test('hears what a running training has told since its start, and its latest report behind it', () => {
    const feed = new Feed();
    feed.begin(id);
    told(feed, started, progress(10), progress(20, NaN), progress(30));
    const events = heard(feed);
    expect(events.map(({ type }) => type)).toEqual(['started', 'curve', 'progress']);
    expect(events[1]).toMatchObject({
      points: [{ iteration: 10, loss: 0.1, accuracy: 0.5 }, { iteration: 20, loss: null }, { iteration: 30 }],
    });
  });

  test('hears no more of a long one than is drawn, from its start to its end', () => {
    const feed = new Feed();
    feed.begin(id);
    told(feed, started);
    for (let iteration = 1; iteration <= 5000; iteration++) told(feed, progress(iteration));
    const points = curveIn(heard(feed));
    expect(points.length).toBeGreaterThan(MOST_POINTS / 3);
    expect(points.length).toBeLessThanOrEqual(MOST_POINTS);
    expect(points[0]).toBe(1);
    expect(points[points.length - 1]).toBe(5000);
  });

  test('hears no curve of what is done', () => {
    const feed = new Feed();
    feed.begin(id);
    told(feed, started, progress(10), { type: 'finished', key, kind: 'train-particle', where, seconds: 1 });
    told(feed, started);
    expect(curveIn(heard(feed))).toEqual([]);
  });
});

describe('a job that goes on', () => {
  test('after a pause is told with its curve, without what is told again', () => {
    const feed = new Feed();
    feed.begin(id);
    told(feed, started, progress(10), progress(20), progress(30), { type: 'ended', state: 'paused' });
    feed.begin(id);
    const events: RunEvent[] = [];
    feed.listen(id, (event) => events.push(event));
    told(feed, started);
    expect(curveIn(events)).toEqual([10, 20, 30]);
    told(feed, progress(25));
    expect(curveIn(heard(feed))).toEqual([10, 20, 25]);
  });

  test('after its worker died too', () => {
    const feed = new Feed();
    feed.begin(id);
    told(feed, started, progress(10), { type: 'lost', key, where, reason: 'SIGKILL', again: true });
    const events: RunEvent[] = [];
    feed.listen(id, (event) => events.push(event))();
    told(feed, started);
    expect(curveIn(heard(feed))).toEqual([10]);
  });
});
