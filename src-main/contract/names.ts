// What both ends call things and limit them by. Without zod, which the window's bundle does without.

/** Version of the frames; grows when an older end could not understand a newer one. */
export const PROTOCOL = 1;

/** No frame is longer, in bytes. */
export const LONGEST_FRAME = 16 * 2 ** 20;

/** Tags that the window shows as a star and as a shelf; the command line sees them as tags. */
export const STAR = 'star';
export const ARCHIVED = 'archived';

/** Of an engine that is packed in pieces, no piece can be smaller, in bytes. */
export const SMALLEST_PIECE = 64 * 1024;

/** Extension of run files, without its dot. */
export const RUN_FILE = 'swamp';
