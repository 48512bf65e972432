import type OpenAI from 'openai';
import { assistantsWire } from './assistants-session.ts';
import { chatWire } from './chat-session.ts';
import { responsesWire } from './responses-session.ts';
import type { Wire } from './wire.ts';
import type { WireName } from './wire-name.ts';

/** Every API that an assistant can be asked over. */
const wires = { responses: responsesWire, chat: chatWire, assistants: assistantsWire } satisfies Record<WireName, Wire<OpenAI>>;

export const wireNamed = (name: WireName): Wire<OpenAI> => wires[name];
