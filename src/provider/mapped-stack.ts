import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';
import { type ErrorCode, ThreadlineError, toThreadlineError } from '../shared/errors/errors.ts';

/** The folder of the build, in which this file sits two folders deep. Nothing else is read for what a stack says. */
const BUILD = new URL('../../', import.meta.url).href;
const FRAME = /\(?(file:\/\/\/\S+?):(\d+):(\d+)\)?$/;

/** Whatever was thrown, as a ThreadlineError: one that nobody foresaw has its stack, with our sources in it. */
export function mappedFailure(thrown: unknown, code?: ErrorCode): ThreadlineError {
  const error = toThreadlineError(thrown, code);
  if (error === thrown || error.trace === undefined) return error;
  return new ThreadlineError(error.code, error.message, { cause: thrown, trace: mappedStack(error.trace) });
}

/**
 * A stack whose lines about our bundled code name the sources instead: `at runStep (src/engine/step.ts:12:5)`. Node would do it by
 * itself, for 25 ms at every start; here it is done when there is a stack to show.
 */
export function mappedStack(stack: string): string {
  const maps = new Map<string, SourceMap | undefined>();
  const lines = stack.split('\n').map((line) => {
    const [whole, url = '', row, column] = FRAME.exec(line) ?? [];
    if (whole === undefined || !url.startsWith(BUILD) || url.includes('..')) return line;
    if (!maps.has(url)) maps.set(url, mapOf(url));
    const origin = maps.get(url)?.findOrigin(Number(row), Number(column));
    if (!origin || !('fileName' in origin)) return line;
    const source = new URL(origin.fileName, url).href.slice(new URL('../', BUILD).href.length);
    return line.replace(`${url}:${row}:${column}`, `${source}:${origin.lineNumber}:${origin.columnNumber}`);
  });
  return lines.join('\n');
}

/** Undefined where the sources run as they are, and where the map is damaged: a stack is shown for another failure's sake, which it never hides. */
function mapOf(url: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${fileURLToPath(url)}.map`, 'utf8')));
  } catch {
    return undefined;
  }
}
