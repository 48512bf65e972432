import type { Route } from '../route.ts';
import { assistantRoutes } from './assistants.ts';
import { chatRoutes } from './chat.ts';
import { conversationRoutes } from './conversations.ts';
import { modelRoutes } from './models.ts';
import { responseRoutes } from './responses.ts';
import { runRoutes } from './runs.ts';
import { threadRoutes } from './threads.ts';

/** Every API that the emulator speaks: one file each. */
export const ROUTES: readonly Route[] = [
  ...responseRoutes,
  ...conversationRoutes,
  ...chatRoutes,
  ...assistantRoutes,
  ...runRoutes,
  ...threadRoutes,
  ...modelRoutes,
];
