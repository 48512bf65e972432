/** Triggers of workflows: a file for each kind, and matching as a function. Pure: no I/O, no clock. */
import { alertTrigger } from './alert.ts';
import { cronTrigger } from './cron.ts';
import { incidentTrigger } from './incident.ts';
import { intervalTrigger } from './interval.ts';
import { manualTrigger } from './manual.ts';
import type { Trigger } from './trigger.ts';

export type { Trigger, TriggerCompiler } from './trigger.ts';

export const triggers: readonly Trigger[] = [manualTrigger, alertTrigger, incidentTrigger, intervalTrigger, cronTrigger];
