import { expect, quickExperiment, test } from './fixtures.ts';
import { Run } from './pages/run.ts';

const long = {
  ...quickExperiment,
  name: 'both',
  recipe: { epochs: 40, batch: 32 },
  arms: ['imp', { kind: 'swamp', particles: 2 }],
};

test('the command line and the window work on one library at once', async ({ page, frame, studio }) => {
  const { experiment } = await studio.json<{ experiment: string }>(
    'run',
    studio.write('both.json', long),
    '--detach',
  );
  // What the command line began shows in the window, live.
  await frame.open('Experiments');
  await expect(page.getByRole('main')).toContainText('both', { timeout: 30_000 });
  const run = new Run(page);
  await run.open(experiment);
  await run.is('running');
  await expect(run.cells('running').first()).toBeVisible({ timeout: 60_000 });
  // Labels of the command line.
  await studio.swamp('tag', experiment, 'tonight');
  await expect(page.getByRole('button', { name: 'Remove the tag tonight' })).toBeVisible();
  await studio.swamp('note', experiment, 'watch the end');
  await expect(page.getByRole('button', { name: 'Change the note' })).toHaveText('watch the end');
  // Paused in the window, resumed by the command line, and the reverse.
  await run.button('Pause').click();
  await run.is('paused');
  await studio.json('resume', experiment, '--detach');
  await run.is('running');
  await studio.json('pause', experiment);
  await run.is('paused');
  await run.button('Go on').click();
  await run.is('running');
  await studio.json('cancel', experiment);
  await run.is('cancelled');
});
