import { expect, it } from 'vitest';
import { removedWords } from './said.ts';

const particles = 'retention.particles';
const predictions = 'retention.predictions';

it.each([
  [
    { results: 4, trainings: 4, settings: [particles] },
    '4 networks are no longer stored: the setting “Particles of finished runs” has removed them.',
    'Train them again',
  ],
  [
    { results: 1, trainings: 1, settings: [particles] },
    '1 network is no longer stored: the setting “Particles of finished runs” has removed it.',
    'Train it again',
  ],
  [
    { results: 6, trainings: 0, settings: [predictions] },
    '6 results are no longer stored: the setting “Predictions of finished runs” has removed them.',
    'Compute them again',
  ],
  [
    { results: 6, trainings: 2, settings: [particles, predictions] },
    '6 results are no longer stored: the settings “Particles of finished runs” and “Predictions of finished runs” have removed them.',
    'Compute them again, 2 of them by training',
  ],
  [{ results: 2, trainings: 2, settings: [] }, '2 networks are no longer stored.', 'Train them again'],
])('what is no longer stored: %j', (removed, text, again) => {
  expect(removedWords(removed)).toEqual({ text, again });
});
