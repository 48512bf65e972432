import { pause } from '../base/pause.ts';
import { isSearchable } from './chunks.ts';
import type { IndexedFile } from './vector-store.ts';

/** Indexes files after the response. Files that were cancelled meanwhile stay cancelled. */
export async function indexLater(files: IndexedFile[], latencyMs: number, closing: AbortSignal): Promise<void> {
  try {
    await pause(latencyMs, closing);
  } catch {
    // The emulator is closing, so these files are not needed.
    return;
  }
  for (const file of files) if (file.status === 'in_progress') finish(file);
}

function finish(indexed: IndexedFile): void {
  indexed.error = indexingError(indexed);
  indexed.status = indexed.error ? 'failed' : 'completed';
}

function indexingError({ file }: IndexedFile): IndexedFile['error'] {
  if (!isSearchable(file)) return { code: 'unsupported_file', message: `Files like '${file.filename}' cannot be searched.` };
  return file.bytes.length === 0 ? { code: 'invalid_file', message: 'The file is empty.' } : undefined;
}
