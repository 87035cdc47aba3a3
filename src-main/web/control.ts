import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { z } from 'zod';
import { openSocket } from '../transport/client.ts';
import { socketAddress } from '../transport/address.ts';

/** What a second `swamp serve` is told by the first. */
const Invitation = z.object({
  pid: z.number(),
  port: z.number(),
  /** Lets one browser in, whosever it is. */
  url: z.string(),
  /** For a command line (`inviteOwn` of server.ts). */
  own: z.string(),
});
export type Invitation = z.infer<typeof Invitation>;

/** A first one that does not answer is taken for dead. */
const ANSWER_MS = 2000;

/** @returns another address from the `swamp serve` that serves the library already; `null`: none does. */
export async function askForInvitation(library: string): Promise<Invitation | null> {
  try {
    const socket = await openSocket(socketAddress(library, process.env, 'serve'));
    socket.setTimeout(ANSWER_MS, () => socket.destroy());
    let said = '';
    for await (const chunk of socket.setEncoding('utf8')) said += String(chunk);
    return Invitation.parse(JSON.parse(said));
  } catch {
    // Nobody listens there, or what does is about to end.
    return null;
  }
}

/**
 * Gives an address to everyone who asks over a socket that only this user can reach. The caller is the only one that
 * serves the library, so a socket that lies there is one that a dead process left. @returns ends it.
 */
export async function giveInvitations(library: string, invite: () => Invitation): Promise<() => void> {
  const address = socketAddress(library, process.env, 'serve');
  if (process.platform !== 'win32') rmSync(address, { force: true });
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(JSON.stringify(invite()));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, resolve);
  });
  return () => void server.close();
}
