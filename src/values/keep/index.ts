import { alertFunctions } from './alerts.ts';
import { businessHours } from './business-hours.ts';
import { jsonFunctions } from './json.ts';
import type { KeepFunction } from './keep-function.ts';
import { listFunctions } from './lists.ts';
import { mapFunctions } from './maps.ts';
import { mathFunctions } from './math.ts';
import { textFunctions } from './text.ts';
import { timeFunctions } from './time.ts';

export { exampleContext, type KeepFunction } from './keep-function.ts';

/** Keep's functions, from which the docs table is generated. */
export const keepFunctions: readonly KeepFunction[] = [
  ...mathFunctions,
  ...textFunctions,
  ...listFunctions,
  ...mapFunctions,
  ...jsonFunctions,
  ...timeFunctions,
  businessHours,
  ...alertFunctions,
];
