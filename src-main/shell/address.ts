/** Where the page lives: a scheme of our own, so that no file of the disk has its rights. */
export const SCHEME = 'app';
export const PAGE = `${SCHEME}://swamp/`;

/** Sites whose pages the window links to. Everything else stays closed. */
const SITES = new Set(['arxiv.org', 'doi.org', 'github.com', 'nodejs.org', 'www.tensorflow.org']);

/** Whether an address is one of our page. */
export function isPage(address: string): boolean {
  return address.startsWith(PAGE);
}

/** Whether an address may be opened in the user's browser: the one place that decides it. */
export function mayOpen(address: string): boolean {
  try {
    const { protocol, hostname, username, password, port } = new URL(address);
    return protocol === 'https:' && SITES.has(hostname) && username === '' && password === '' && port === '';
  } catch {
    return false;
  }
}
