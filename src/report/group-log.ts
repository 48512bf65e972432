import { END_GROUP, groupCommand } from './github-commands.ts';
import type { OutputStream } from './reporter.ts';

interface Block {
  readonly title: string | undefined;
  readonly lines: string[];
  /** Lines after the group, which a folded log still shows. */
  after: string[] | undefined;
}

/**
 * A log whose lines are grouped by step. GitHub's groups neither nest nor interleave, so the oldest running step writes at
 * once and the lines of the others are kept until their turn.
 */
export class GroupLog {
  private readonly stdout: OutputStream;
  private readonly blocks = new Map<string, Block>();
  private current: string | undefined;

  constructor(stdout: OutputStream) {
    this.stdout = stdout;
  }

  open(key: string, title: string): void {
    this.blocks.set(key, { title, lines: [], after: undefined });
    this.advance();
  }

  /** Writes to the key's group, now or when its turn comes. Lines without a group are written at once. */
  write(key: string, lines: string[]): void {
    const block = this.blocks.get(key);
    if (!block || key === this.current) this.writeNow(lines);
    else for (const line of lines) block.lines.push(line);
  }

  close(key: string, after: string[]): void {
    const block: Block = this.blocks.get(key) ?? { title: undefined, lines: [], after };
    block.after = after;
    this.blocks.set(key, block);
    this.advance();
  }

  writeNow(lines: string[]): void {
    if (lines.length > 0) this.stdout.write(`${lines.join('\n')}\n`);
  }

  private advance(): void {
    for (const [key, block] of this.blocks) {
      if (this.current !== key) this.begin(key, block);
      if (!block.after) return;
      this.writeNow(block.title === undefined ? block.after : [END_GROUP, ...block.after]);
      this.blocks.delete(key);
      this.current = undefined;
    }
  }

  private begin(key: string, block: Block): void {
    this.current = key;
    this.writeNow(block.title === undefined ? block.lines : [groupCommand(block.title), ...block.lines]);
    block.lines.length = 0;
  }
}
