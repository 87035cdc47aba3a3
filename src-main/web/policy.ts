/**
 * What the page may do: load its own files and talk to its own server, nothing else. Charts and lists set sizes in
 * `style` attributes, so those are allowed; style sheets and scripts come from files alone.
 * @param connect where it may connect to.
 */
export function contentSecurityPolicy(connect: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src ${connect}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
