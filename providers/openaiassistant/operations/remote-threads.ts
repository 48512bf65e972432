import { remoteKeyOf } from '../dialects/server.ts';
import { WIRES } from '../wires/index.ts';
import type { RemoteThreads } from '../wires/wire.ts';

const wires = Object.values(WIRES);

/** How to reach a copy that the store notes under this key. Undefined for other servers, and for wires without copies. */
export const remoteThreadsAt = (remoteKey: string, host: string): RemoteThreads | undefined =>
  wires.find(({ name }) => remoteKeyOf({ host }, name) === remoteKey)?.remoteThreads;

/** How to reach a thread that is not in our store: its id tells by its prefix which API made it. */
export const remoteThreadsOf = (threadId: string): RemoteThreads | undefined =>
  wires.find(({ remoteThreads }) => remoteThreads && threadId.startsWith(remoteThreads.idPrefix))?.remoteThreads;
