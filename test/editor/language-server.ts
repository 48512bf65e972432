import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';

/** A YAML language server as editors run it, spoken to over its pipes. */
export interface LanguageServer {
  /** Opens a document, and resolves to what the server says is wrong with it. */
  open(uri: string, text: string): Promise<{ message: string; line: number }[]>;
  /** The labels that are offered at a place. Lines and characters from 0. */
  complete(uri: string, line: number, character: number): Promise<string[]>;
  /** The text that is shown at a place. */
  hover(uri: string, line: number, character: number): Promise<string>;
  close(): void;
}

interface Message {
  id?: number;
  method?: string;
  params?: { uri: string; diagnostics: { message: string; range: { start: { line: number } } }[] };
  result?: unknown;
}

export async function startLanguageServer(): Promise<LanguageServer> {
  const bin = createRequire(import.meta.url).resolve('yaml-language-server/bin/yaml-language-server');
  const child = spawn(process.execPath, [bin, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const pipe = new Pipe(child);
  await pipe.ask('initialize', { processId: null, rootUri: null, capabilities: {} });
  pipe.tell('initialized', {});
  const settings = { yaml: { validate: true, hover: true, completion: true, schemaStore: { enable: false } } };
  pipe.tell('workspace/didChangeConfiguration', { settings });
  const at = (uri: string, line: number, character: number) => ({ textDocument: { uri }, position: { line, character } });
  return {
    async open(uri, text) {
      const said = pipe.diagnosticsOf(uri);
      pipe.tell('textDocument/didOpen', { textDocument: { uri, languageId: 'yaml', version: 1, text } });
      return said;
    },
    async complete(uri, line, character) {
      const result = (await pipe.ask('textDocument/completion', at(uri, line, character))) as { items: { label: string }[] };
      return result.items.map((item) => item.label);
    },
    async hover(uri, line, character) {
      const result = (await pipe.ask('textDocument/hover', at(uri, line, character))) as { contents: { value: string } } | null;
      return result?.contents.value ?? '';
    },
    close: () => child.kill(),
  };
}

class Pipe {
  private readonly child: ChildProcess;
  private readonly answers = new Map<number, (result: unknown) => void>();
  private readonly listeners = new Map<string, (found: { message: string; line: number }[]) => void>();
  private read = Buffer.alloc(0);
  private last = 0;

  constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.on('data', (data: Buffer) => this.take(data));
  }

  tell(method: string, params: object): void {
    this.send({ jsonrpc: '2.0', method, params });
  }

  ask(method: string, params: object): Promise<unknown> {
    const id = ++this.last;
    const answer = new Promise((resolve) => {
      this.answers.set(id, resolve);
    });
    this.send({ jsonrpc: '2.0', id, method, params });
    return answer;
  }

  diagnosticsOf(uri: string): Promise<{ message: string; line: number }[]> {
    return new Promise((resolve) => {
      this.listeners.set(uri, resolve);
    });
  }

  private send(message: object): void {
    const body = Buffer.from(JSON.stringify(message));
    this.child.stdin?.write(`Content-Length: ${body.length}\r\n\r\n`);
    this.child.stdin?.write(body);
  }

  private take(data: Buffer): void {
    this.read = Buffer.concat([this.read, data]);
    for (;;) {
      const head = this.read.indexOf('\r\n\r\n');
      const length = Number(
        /Content-Length: (\d+)/i.exec(this.read.subarray(0, Math.max(head, 0)).toString())?.[1] ?? Number.NaN,
      );
      const end = head + 4 + length;
      if (head < 0 || Number.isNaN(length) || this.read.length < end) return;
      const message = JSON.parse(this.read.subarray(head + 4, end).toString()) as Message;
      this.read = this.read.subarray(end);
      this.handle(message);
    }
  }

  private handle({ id, method, params, result }: Message): void {
    if (method === 'textDocument/publishDiagnostics' && params) {
      const found = params.diagnostics.map(({ message, range }) => ({ message, line: range.start.line }));
      this.listeners.get(params.uri)?.(found);
    } else if (method !== undefined && id !== undefined) this.send({ jsonrpc: '2.0', id, result: null });
    else if (id !== undefined) this.answers.get(id)?.(result);
  }
}
