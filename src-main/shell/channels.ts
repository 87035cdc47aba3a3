/** Between preload and main. */
export const channels = {
  /** Page → main, answered: a call of contract/shell.ts and its input. */
  call: 'swamp:call',
  /** Page → main: it listens; the link to the host may begin. */
  begin: 'swamp:begin',
  /** Page → main: a frame for the host. */
  send: 'swamp:send',
  /** Main → page: the oldest frame that was sent has been taken. */
  sent: 'swamp:sent',
  /** Page → main: a batch of lines has been taken. */
  took: 'swamp:took',
  /** Main → page: frames from the host. */
  lines: 'swamp:lines',
  /** Main → page: an event of contract/shell.ts. */
  event: 'swamp:event',
  /** Main → a stranger, or a page whose message does not fit: why it is not listened to. */
  refused: 'swamp:refused',
} as const;
