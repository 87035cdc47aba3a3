import type { IncomingMessage } from 'node:http';
import { contentSecurityPolicy } from './policy.ts';

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

/** On every answer. */
export function securityHeaders(host: string): Record<string, string> {
  return {
    // Chromium of old does not take 'self' for WebSockets.
    'Content-Security-Policy': contentSecurityPolicy(`'self' ws://${host}`),
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cache-Control': 'no-store',
  };
}
