import { randomBytes } from 'node:crypto';

/**
 * A new id that shows its origin: `resp_emulated3f…`. Random, because clients keep ids for longer than an emulator lives, and
 * an old id must not name a new object.
 */
export const newId = (prefix: string): string => `${prefix}_emulated${randomBytes(16).toString('hex')}`;

/** OpenAI writes ids of files with a dash: `file-emulated3f…`. */
export const newFileId = (): string => `file-emulated${randomBytes(16).toString('hex')}`;

export const nowInSeconds = (): number => Math.floor(Date.now() / 1000);
