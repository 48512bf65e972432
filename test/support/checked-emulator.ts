import { type Emulator, type EmulatorOptions, type Exchange, startEmulator } from '../../src/emulator/index.ts';
import { checkRequest, checkResponse, checkStreamEvent } from './openapi.ts';

export interface CheckedEmulator extends Emulator {
  /** What did not hold against OpenAI's document, in any exchange so far. Tests expect it to be empty. */
  readonly violations: string[];
}

/** Refusals of bad requests: a test provoked them, so what was sent need not conform. The answer must. */
const REFUSALS = [400, 401, 404, 405, 413];

/** The emulator, with everything that goes in and out held against OpenAI's API document. */
export async function startCheckedEmulator(options: EmulatorOptions = {}): Promise<CheckedEmulator> {
  const violations: string[] = [];
  const onExchange = (exchange: Exchange) => {
    violations.push(...violationsOf(exchange));
    options.onExchange?.(exchange);
  };
  const emulator = await startEmulator({ ...options, onExchange });
  return { ...emulator, violations };
}

function violationsOf({ request, status, body, events }: Exchange): string[] {
  const { method, path } = request;
  const wrong = REFUSALS.includes(status) ? [] : checkRequest(method, path, request.body);
  for (const event of events) wrong.push(...checkStreamEvent(path, event));
  if (body) wrong.push(...checkResponse(method, path, status, body));
  return wrong;
}
