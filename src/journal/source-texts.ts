import { hash } from 'node:crypto';
import type { Database } from '../database/sqlite.ts';

/** The texts of workflow files. Most runs share them, so each text is stored once, under its hash. */
export class SourceTexts {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** Stores the texts; returns their hashes by file, as JSON. */
  store(textsByFile: Record<string, string>): string {
    const hashes = Object.entries(textsByFile).map(([file, text]) => {
      const name = hash('sha256', text, 'hex');
      // Always: another process may have deleted it since this one stored it.
      this.database.run('INSERT OR IGNORE INTO texts (hash, text) VALUES (?, ?)', name, text);
      return [file, name];
    });
    return JSON.stringify(Object.fromEntries(hashes));
  }

  /** The texts, by file, of what `store` returned. */
  read(hashesByFile: string): Record<string, string> {
    const texts = Object.entries(JSON.parse(hashesByFile) as Record<string, string>).map(([file, name]) => [
      file,
      this.database.first<{ text: string }>('SELECT text FROM texts WHERE hash = ?', name)?.text ?? '',
    ]);
    return Object.fromEntries(texts);
  }

  /** Deletes the texts that no run has. */
  deleteUnused(): void {
    this.database.run('DELETE FROM texts WHERE hash NOT IN (SELECT value FROM runs, json_each(runs.sources))');
  }
}
