import type { Route } from '../route.ts';
import { chatRoutes } from './chat.ts';
import { conversationRoutes } from './conversations.ts';
import { fileRoutes } from './files.ts';
import { modelRoutes } from './models.ts';
import { responseRoutes } from './responses.ts';

/** Every API that the emulator speaks: one file each. */
export const ROUTES: readonly Route[] = [...responseRoutes, ...conversationRoutes, ...chatRoutes, ...modelRoutes, ...fileRoutes];
