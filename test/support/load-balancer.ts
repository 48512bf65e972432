import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** What stands before workers: passes connections on to the first that takes them, each time another one first. */
export class LoadBalancer {
  readonly workers: { port: number }[] = [];
  private readonly server: Server = createServer((socket) => this.pass(socket, this.turn++, 0));
  private readonly sockets = new Set<Socket>();
  private turn = 0;

  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private pass(socket: Socket, turn: number, tried: number): void {
    this.sockets.add(socket);
    const worker = this.workers[(turn + tried) % this.workers.length];
    if (!worker || tried >= this.workers.length) {
      socket.destroy();
      return;
    }
    const onward = connect(worker.port, '127.0.0.1');
    this.sockets.add(onward);
    onward.once('connect', () => {
      onward.removeAllListeners('error');
      for (const [one, other] of [
        [socket, onward],
        [onward, socket],
      ] as const) {
        one.pipe(other);
        one.on('error', () => other.destroy());
        one.on('close', () => other.destroy());
      }
    });
    onward.once('error', () => this.pass(socket, turn, tried + 1));
  }
}
