import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Of one connection over the loopback: the port of the program that asks, and ours. */
interface Ports {
  readonly theirs: number;
  readonly ours: number;
}

/** Whether this system says whose program is at the other end; in WSL a browser of Windows comes through a relay. */
export function tellsPeers(
  platform: string = process.platform,
  environment: NodeJS.ProcessEnv = process.env,
): boolean {
  return (platform === 'linux' && environment['WSL_DISTRO_NAME'] === undefined) || platform === 'darwin';
}

/** Whether a program of this user on this machine is at the other end of a connection; where nobody says, no. */
export async function isOwnPeer({ remoteAddress, remotePort, localPort }: Socket): Promise<boolean> {
  const uid = process.getuid?.();
  if (uid === undefined || remoteAddress !== '127.0.0.1' || !remotePort || !localPort) return false;
  const ports = { theirs: remotePort, ours: localPort };
  try {
    if (process.platform === 'linux') return ownerOf(await readFile('/proc/net/tcp', 'utf8'), ports) === uid;
    return await isListed(ports, uid);
  } catch {
    return false;
  }
}

/** The user whose open end of a connection stands in Linux's table of them; `null`: none does. */
export function ownerOf(table: string, { theirs, ours }: Ports): number | null {
  const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');
  // As the processor has its bytes: either order.
  const end = (port: number): RegExp => new RegExp(`^(0100007F|7F000001):${hex(port)}$`);
  for (const line of table.split('\n').slice(1)) {
    const [, local = '', remote = '', state, , , , uid] = line.trim().split(/\s+/);
    if (state === '01' && end(theirs).test(local) && end(ours).test(remote)) return Number(uid);
  }
  return null;
}

/** Asks lsof, which macOS has: it lists their end among those of this user's programs. */
export async function isListed({ theirs, ours }: Ports, uid: number): Promise<boolean> {
  const filter = ['-a', '-u', String(uid), `-iTCP@127.0.0.1:${theirs}`, '-sTCP:ESTABLISHED'];
  const { stdout } = await run('lsof', ['-nP', ...filter, '-Fn'], { timeout: 5000 });
  return stdout.split('\n').includes(`n127.0.0.1:${theirs}->127.0.0.1:${ours}`);
}
