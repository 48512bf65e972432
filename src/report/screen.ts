import type { ReporterStreams } from './reporter.ts';

type Terminal = ReporterStreams['stderr'];

/** Output for progress: permanent lines and, on a live screen, changing lines below them. */
export interface Screen {
  print(line: string): void;
  /** Writes pending lines and removes the changing ones. */
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

/** Redraws at most ten times a second; its timer does not keep the process alive. */
export class LiveScreen implements Screen {
  private readonly stream: Terminal;
  /** The changing lines, cut to the columns: a wrapped line would count as one when it is erased. */
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
    // The last column stays free, because writing it makes a terminal wrap.
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
