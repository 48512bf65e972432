import { hash, randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { ThreadlineError } from '../shared/errors/errors.ts';

/** Long texts in files, named by the hash of their content: equal texts share a file. */
export class BlobStore {
  private readonly folder: string;
  private readonly survivesPowerLoss: boolean;

  constructor(folder: string, survivesPowerLoss: boolean) {
    this.folder = folder;
    this.survivesPowerLoss = survivesPowerLoss;
  }

  /** Returns the text's name; the text is on disk by then. */
  put(text: string): string {
    const name = hash('sha256', text, 'hex');
    const file = this.file(name);
    if (touched(file)) return name;
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    // A process that dies while it writes leaves no half of a text under the text's name.
    const draft = `${file}.${randomUUID()}`;
    try {
      this.write(draft, text);
    } catch (cause) {
      rmSync(draft, { force: true });
      throw new ThreadlineError('invalid_config', `A result cannot be stored in ${this.folder}: ${(cause as Error).message}.`, {
        hint: 'Check the free space of the disk and the permissions of the folder.',
        cause,
      });
    }
    renameSync(draft, file);
    return name;
  }

  private write(file: string, text: string): void {
    const handle = openSync(file, 'w', 0o600);
    try {
      // writeFileSync repeats short writes, which a disk that is nearly full makes.
      writeFileSync(handle, text);
      if (this.survivesPowerLoss) fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  }

  get(name: string): string {
    try {
      return readFileSync(this.file(name), 'utf8');
    } catch (cause) {
      throw new ThreadlineError('invalid_config', `A result of the run is missing: ${this.file(name)} cannot be read.`, {
        hint: 'The files beside the database belong to it: restore them, or start a new run.',
        cause,
      });
    }
  }

  /** Deletes the texts that are not among the names. Keeps recent ones: a pending transaction may refer to them. */
  keepOnly(names: ReadonlySet<string>, beforeMs: number): void {
    if (!existsSync(this.folder)) return;
    for (const part of readdirSync(this.folder)) {
      for (const rest of readdirSync(join(this.folder, part))) {
        const file = join(this.folder, part, rest);
        const isOld = (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? beforeMs) < beforeMs;
        if (isOld && !names.has(part + rest)) rmSync(file, { force: true });
      }
    }
  }

  private file(name: string): string {
    return join(this.folder, name.slice(0, 2), name.slice(2));
  }
}

/** Whether the file exists. Its new time keeps a pruning in progress from deleting it. */
function touched(file: string): boolean {
  try {
    const now = new Date();
    utimesSync(file, now, now);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw thrown;
  }
}
