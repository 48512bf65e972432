import type { ProviderContext } from 'threadline/provider';

export type AlertStore = Awaited<ReturnType<ProviderContext['alerts']>>;
