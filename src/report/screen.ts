import type { ReporterStreams } from './reporter.ts';

type Terminal = ReporterStreams['stderr'];

/** Where progress goes: lines that stay and, on a live screen, below them lines that change. */
export interface Screen {
  print(line: string): void;
  /** Shows what is outstanding and leaves only the lines that stay. */
  close(): void;
}

export class PlainScreen implements Screen {
  private readonly stream: Terminal;

  constructor(stream: Terminal) {
    this.stream = stream;
  }

  print(line: string): void {
    this.stream.write(`${line}\n`);
  }

  close(): void {}
}

const FRAME_MS = 100;

/** Redraws at most ten times a second, however much happens; keeps no process alive. */
export class LiveScreen implements Screen {
  private readonly stream: Terminal;
  /** The changing lines, none wider than the columns: a wrapped line would be taken for one and left standing. */
  private readonly draw: (columns: number) => string[];
  private timer: NodeJS.Timeout | undefined;
  private outstanding: string[] = [];
  private drawn: string[] = [];

  constructor(stream: Terminal, draw: (columns: number) => string[]) {
    this.stream = stream;
    this.draw = draw;
  }

  print(line: string): void {
    this.outstanding.push(line);
    this.start();
  }

  start(): void {
    this.timer ??= setInterval(() => this.redraw(), FRAME_MS).unref();
  }

  close(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.replace([]);
  }

  private redraw(): void {
    // A terminal wraps when its last column is written, so that one stays free.
    this.replace(this.draw((this.stream.columns ?? 80) - 1));
  }

  private replace(changing: string[]): void {
    const up = this.drawn.length === 0 ? '' : `\u001b[${this.drawn.length}A\u001b[0J`;
    const text = [...this.outstanding, ...changing].map((line) => `${line}\n`).join('');
    this.outstanding = [];
    this.drawn = changing;
    if (up !== '' || text !== '') this.stream.write(up + text);
  }
}
