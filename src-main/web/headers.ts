import type { IncomingMessage } from 'node:http';

/**
 * Names under which this machine reaches itself, with any port: an SSH tunnel may have another here than there. A page
 * of a stranger whose name was made to point at this machine (DNS rebinding) still says its own name.
 */
const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/;

/** The `Host` of a request where it names this machine; else `null`. */
export function loopbackHost({ headers }: Pick<IncomingMessage, 'headers'>): string | null {
  const host = headers.host?.toLowerCase() ?? '';
  return LOOPBACK.test(host) ? host : null;
}

/** Whether a page of ours asks. Browsers send `Origin` with what could change something; a page cannot forge it. */
export function isOwnOrigin(origin: string | undefined, host: string): boolean {
  return origin?.toLowerCase() === `http://${host}`;
}

/**
 * What the page may do: load its own files and talk to its own server, nothing else. Charts and lists set sizes in
 * `style` attributes, so those are allowed; style sheets and scripts come from files alone.
 */
export function contentSecurityPolicy(host: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    // Chromium of old does not take 'self' for WebSockets.
    `connect-src 'self' ws://${host}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** On every answer. */
export function securityHeaders(host: string): Record<string, string> {
  return {
    'Content-Security-Policy': contentSecurityPolicy(host),
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cache-Control': 'no-store',
  };
}
