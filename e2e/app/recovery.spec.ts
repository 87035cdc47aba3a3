import { expect, logIn, quickExperiment, test } from './fixtures.ts';

/** Long enough to be hit while it trains. */
const long = { ...quickExperiment, name: 'hit', recipe: { epochs: 40, batch: 64 } };

interface Detached {
  readonly experiment: string;
}
interface Listed {
  readonly experiments: readonly { readonly id: string; readonly state: string }[];
}

// A dropped connection is what these tests are about: the console says so.
test.use({ tolerated: [/WebSocket connection/] });

test('a worker killed while it trains is replaced; the window shows the end', async ({ page, studio }) => {
  const { experiment } = await studio.json<Detached>(
    'run',
    studio.write('hit.json', { ...long, recipe: { epochs: 10, batch: 64 } }),
    '--detach',
  );
  await page.goto(`${new URL(page.url()).origin}/#/run/${experiment}`);
  await expect.poll(() => studio.workerPids.length).toBeGreaterThan(0);
  for (const pid of studio.workerPids) process.kill(pid, 'SIGKILL');
  const state = async (): Promise<string | undefined> =>
    (await studio.json<Listed>('list')).experiments[0]?.state;
  await expect.poll(state, { timeout: 90_000 }).toBe('done');
  await expect(page.getByText('done', { exact: true }).first()).toBeVisible();
});

test('a host killed while it trains is started again; the window shows what was interrupted, and goes on with it', async ({
  page,
  studio,
}) => {
  const { experiment } = await studio.json<Detached>('run', studio.write('hit.json', long), '--detach');
  await page.goto(`${new URL(page.url()).origin}/#/run/${experiment}`);
  await expect(page.getByText('running', { exact: true }).first()).toBeVisible();
  const host = await studio.host();
  process.kill(host, 'SIGKILL');
  // Nobody does anything: the page asks again, and its server starts another host.
  await expect.poll(() => studio.hostPid ?? host).not.toBe(host);
  await expect(page.getByText('interrupted', { exact: true }).first()).toBeVisible();
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect(page.getByText('running', { exact: true }).first()).toBeVisible();
});

test('a page that is reloaded, and a second browser, see the same', async ({ page, studio, browser }) => {
  await page.reload();
  await expect(page.getByRole('navigation').first()).toBeVisible();
  const other = await (await browser.newContext()).newPage();
  await logIn(other, studio);
  await expect(other.getByRole('navigation').first()).toBeVisible();
  await other.context().close();
});
