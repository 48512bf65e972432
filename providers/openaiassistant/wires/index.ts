import { assistantsWire } from './assistants.ts';
import { chatWire } from './chat.ts';
import { responsesWire } from './responses.ts';
import type { Wire } from './wire.ts';

/** Every API that an assistant can be asked over, in the order in which they are offered. */
export const WIRES = { responses: responsesWire, chat: chatWire, assistants: assistantsWire } satisfies Record<string, Wire>;

export type WireName = keyof typeof WIRES;
export const WIRE_NAMES = Object.keys(WIRES) as WireName[];

/** The wire of a name; undefined for anything else, such as `auto`. */
export const wireNamed = (name: unknown): Wire | undefined =>
  typeof name === 'string' && Object.hasOwn(WIRES, name) ? WIRES[name as WireName] : undefined;
