import { expect, test } from './fixtures.ts';
import { ExperimentsPage } from './pages/experiments.ts';

// Broken connections are what these tests are about: the console says so.
test.use({ begin: 'finished', tolerated: [/WebSocket connection|ERR_CONNECTION_REFUSED|401/] });

const starred = async (studio: { json<T>(...args: string[]): Promise<T> }): Promise<boolean> =>
  (await studio.json<{ experiments: { tags: string[] }[] }>('list')).experiments[0]?.tags[0] === 'star';

test('a host that hangs and is killed: what was asked of it is told as lost, and the page goes on by itself', async ({
  page,
  studio,
}) => {
  const experiments = new ExperimentsPage(page);
  const star = experiments.row('swamp(2)').getByRole('button', { name: 'Star' });
  await expect(star).toBeVisible();
  const host = await studio.host();
  process.kill(host, 'SIGSTOP');
  await star.click();
  // It is not drawn as done before the host says so.
  await expect(star).toHaveAttribute('aria-pressed', 'false');
  process.kill(host, 'SIGKILL');
  await expect(experiments.notice('The connection to the host was lost')).toContainText(/not changed/);
  await expect.poll(() => studio.hostPid ?? host).not.toBe(host);
  await star.click();
  await expect(experiments.row('swamp(2)').getByRole('button', { name: 'Remove star' })).toBeVisible();
  expect(await starred(studio)).toBe(true);
  await expect(page.getByText('The connection to the host was lost; it is tried again')).toBeHidden();
});

test('a server that ends and is started anew: the page says so, keeps what is asked, and does it when it is let in', async ({
  page,
  studio,
  context,
}) => {
  const experiments = new ExperimentsPage(page);
  const row = experiments.row('swamp(2)');
  await expect(row).toBeVisible();
  await studio.endServing();
  await expect(page.getByText('The connection to the host was lost; it is tried again')).toBeVisible();
  // What was there stays to be read; a wish waits.
  await expect(experiments.rows).toHaveCount(3);
  await row.getByRole('button', { name: 'Star' }).click();
  const address = await studio.address();
  await expect(page.getByText('was started anew and does not know this browser')).toBeVisible();
  expect(await starred(studio)).toBe(false);
  const other = await context.newPage();
  await other.goto(address);
  await expect(page.getByText('does not know this browser')).toBeHidden();
  await expect(row.getByRole('button', { name: 'Remove star' })).toBeVisible();
  expect(await starred(studio)).toBe(true);
});
