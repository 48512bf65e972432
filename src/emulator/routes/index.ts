import type { Route } from '../routing/route.ts';
import { assistantRoutes } from './assistants.ts';
import { chatRoutes } from './chat.ts';
import { containerFileRoutes } from './container-files.ts';
import { conversationRoutes } from './conversations.ts';
import { fileRoutes } from './files.ts';
import { modelRoutes } from './models.ts';
import { responseRoutes } from './responses.ts';
import { runRoutes } from './runs.ts';
import { threadRoutes } from './threads.ts';
import { fileBatchRoutes } from './vector-store-file-batches.ts';
import { vectorStoreFileRoutes } from './vector-store-files.ts';
import { vectorStoreRoutes } from './vector-stores.ts';

/** The emulated APIs, each in its own file. */
export const ROUTES: readonly Route[] = [
  ...responseRoutes,
  ...conversationRoutes,
  ...chatRoutes,
  ...assistantRoutes,
  ...runRoutes,
  ...threadRoutes,
  ...modelRoutes,
  ...fileRoutes,
  ...vectorStoreRoutes,
  ...vectorStoreFileRoutes,
  ...fileBatchRoutes,
  ...containerFileRoutes,
];
