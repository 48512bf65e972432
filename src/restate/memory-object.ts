import { handlers, type ObjectContext, type ObjectSharedContext, object } from '@restatedev/restate-sdk';
import type { Json } from '../shared/json/json.ts';
import { jsonSerde } from './json-serde.ts';
import { MEMORY } from './services.ts';

/** The records of what is done within calls, by path. Each run has an object. */
export const memoryObject = object({
  name: MEMORY,
  handlers: {
    get: handlers.object.shared(async (context: ObjectSharedContext, path: string): Promise<Json> => {
      const kept = await context.get<Json>(path);
      return kept === null ? {} : { kept };
    }),
    put: async (context: ObjectContext, { path, value }: { path: string; value: Json }): Promise<void> => {
      context.set(path, value);
    },
    clear: async (context: ObjectContext): Promise<void> => context.clearAll(),
  },
  options: { serde: jsonSerde, enableLazyState: true, journalRetention: 0 },
});
