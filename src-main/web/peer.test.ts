import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { isListed, isOwnPeer, ownerOf, tellsPeers } from './peer.ts';

/** A server, and its end of a connection that was made to it as `open` does. */
async function accepted(open: (port: number) => void): Promise<Socket> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  open((server.address() as AddressInfo).port);
  const [socket] = (await once(server, 'connection')) as [Socket];
  onTestFinished(() => void socket.destroy());
  return socket;
}

const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1EF7 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1 0
   1: 0100007F:1EF7 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 2 1 0
   2: 0100007F:C350 0100007F:1EF7 01 00000000:00000000 00:00000000 00000000  1001        0 3 1 0
   3: 0100007F:C351 0100007F:1EF7 06 00000000:00000000 00:00000000 00000000     0        0 0 1 0
   4: 0500007F:C352 0100007F:1EF7 01 00000000:00000000 00:00000000 00000000  1000        0 4 1 0
`;

test.each([
  [0xc350, 1001],
  [0xc351, null],
  [0xc352, null],
  [0xc353, null],
])('in the table the end at port %i belongs to %s', (theirs, owner) => {
  expect(ownerOf(table, { theirs, ours: 0x1ef7 })).toBe(owner);
});

test.runIf(tellsPeers())('a program of this user is told', async () => {
  const socket = await accepted((port) => {
    const client = connect(port, '127.0.0.1');
    onTestFinished(() => void client.destroy());
  });
  expect(await isOwnPeer(socket)).toBe(true);
  const [theirs, ours] = [socket.remotePort ?? 0, socket.localPort ?? 0];
  const uid = process.getuid?.() ?? -1;
  // As it is asked on macOS, where lsof always is.
  expect(await isListed({ theirs, ours }, uid).catch(() => null)).not.toBe(false);
  expect(await isListed({ theirs, ours: theirs }, uid).catch(() => false)).toBe(false);
});

// Only root can be somebody else.
test.runIf(process.platform === 'linux' && process.getuid?.() === 0)('one of another is not', async () => {
  const socket = await accepted((port) => {
    const script = `exec 3<>/dev/tcp/127.0.0.1/${port}; exec sleep 60`;
    const client = spawn('/bin/bash', ['-c', script], { uid: 65534, gid: 65534, stdio: 'ignore' });
    onTestFinished(() => void client.kill());
  });
  expect(await isOwnPeer(socket)).toBe(false);
});
