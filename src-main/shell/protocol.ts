import { protocol, type Session } from 'electron';
import { findBelow } from '../web/files.ts';
import { contentSecurityPolicy } from '../web/policy.ts';
import { isPage, PAGE, SCHEME } from './address.ts';
import { serveScheme, type Answer } from './compat.ts';

/** Before Electron is ready: our scheme behaves as a web site's. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** The built page's file behind an address; `null` where it names none, or one outside. */
export function pageFile(pages: string, address: string): Answer {
  if (!isPage(address)) return null;
  const [path = ''] = address.slice(PAGE.length).split(/[?#]/, 1);
  const found = findBelow(pages, path === '' ? 'index.html' : path);
  return (
    found && {
      path: found.path,
      type: found.type,
      headers: {
        'Content-Security-Policy': contentSecurityPolicy("'self'"),
        'X-Content-Type-Options': 'nosniff',
        'Cache-Control': 'no-cache',
      },
    }
  );
}

/** Serves the page from its folder and nothing else: the session loads from nowhere but our scheme. */
export function servePage(session: Session, pages: string, tools: boolean): void {
  serveScheme(session.protocol, SCHEME, (address) => pageFile(pages, address));
  session.webRequest.onBeforeRequest(({ url }, decide) => {
    const own = isPage(url) || url.startsWith('data:') || url.startsWith('blob:');
    decide({ cancel: !own && !(tools && url.startsWith('devtools:')) });
  });
}
