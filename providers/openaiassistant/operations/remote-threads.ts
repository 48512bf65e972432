import { remoteKeyOf } from '../question/server.ts';
import { WIRES } from '../wires/index.ts';
import type { RemoteThreads } from '../wires/wire.ts';

const wires = Object.values(WIRES);

/** How the copy is reached that the store notes under a key. Undefined for other servers, and for wires that keep no copies. */
export const remoteThreadsAt = (remoteKey: string, host: string): RemoteThreads | undefined =>
  wires.find(({ name }) => remoteKeyOf({ host }, name) === remoteKey)?.remoteThreads;

/** How a thread is reached that only its server knows; the id tells by its beginning which API made it. */
export const remoteThreadsOf = (threadId: string): RemoteThreads | undefined =>
  wires.find(({ remoteThreads }) => remoteThreads && threadId.startsWith(remoteThreads.idPrefix))?.remoteThreads;
