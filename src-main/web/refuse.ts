import type { IncomingMessage, ServerResponse } from 'node:http';

/** Why a request is not answered otherwise. */
export interface Refusal {
  /** Of HTTP. */
  readonly status: number;
  readonly text: string;
}

/** Who still sends has so long to read the answer before the connection ends. */
const PARTING_MS = 500;

/** Whether something follows a request's headers. */
export function carries({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
}

/**
 * Says why. What a request still carries is not read: one that is refused because it is too large would otherwise be
 * taken in to its end all the same.
 */
export function refuse(request: IncomingMessage, response: ServerResponse, { status, text }: Refusal): void {
  response.statusCode = status;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(text) + 1);
  if (request.complete || !carries(request)) {
    response.end(`${text}\n`);
    return;
  }
  request.pause();
  response.setHeader('Connection', 'close');
  response.write(`${text}\n`);
  // Ended at once, the connection would be cut while the answer is on its way.
  setTimeout(() => response.end(), PARTING_MS);
}
