// Of contract/api/table.ts, which needs zod; a test holds them equal.
export const STAR_TAG = 'star';
export const ARCHIVED_TAG = 'archived';
