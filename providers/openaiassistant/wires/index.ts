import type OpenAI from 'openai';
import { responsesWire } from './responses.ts';
import type { Wire } from './wire.ts';

/** Every API that an assistant can be asked over; their names stand in the schema's `wire`. */
const wires: readonly Wire<OpenAI>[] = [responsesWire];

/** `auto` is the first. */
export const wireNamed = (name: string): Wire<OpenAI> => wires.find((wire) => wire.name === name) ?? responsesWire;
