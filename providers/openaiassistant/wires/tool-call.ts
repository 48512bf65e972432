import type { Json } from 'threadline/provider';
import type { ToolCallItem } from '../question/items.ts';

/** A call of the model. Outputs are told apart by the ids of their calls: one without an id gets one from us. */
export const toolCallOf = (id: Json | undefined, name: Json | undefined, args: Json | undefined): ToolCallItem => ({
  type: 'tool_call',
  callId: typeof id === 'string' && id !== '' ? id : `call_${crypto.randomUUID().replaceAll('-', '')}`,
  name: typeof name === 'string' ? name : '',
  arguments: argumentsOf(args),
});

/** JSON text; some servers give the object. */
export const argumentsOf = (args: Json | undefined): string =>
  typeof args === 'string' ? args : args === undefined || args === null ? '' : JSON.stringify(args);
