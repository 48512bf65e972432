import { Closed, Type } from '../shared/schema/schema.ts';
import { firedByNoEvent } from './requirement.ts';
import type { Trigger } from './trigger.ts';

/** `type: manual`: somebody starts it, with whatever payload. */
export const manualTrigger: Trigger = {
  type: 'manual',
  schema: Closed({ type: Type.Literal('manual') }, { description: 'Started by hand.' }),
  roots: ['alert', 'event', 'incident'],
  compile: (_, compiler) => firedByNoEvent('manual', compiler.place([]), 'it is started by hand'),
};
