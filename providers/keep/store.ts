import type { Runtime } from 'threadline/runtime';

export type AlertStore = Awaited<ReturnType<Runtime['alerts']>>;
