import { isObject, type Json, type JsonObject } from 'threadline/provider';
import { mergeFields } from './merge-fields.ts';
import { argumentsOf } from './tool-call.ts';

interface Call {
  index: Json | undefined;
  id: string;
  name: string;
  arguments: string;
  /** What a server adds to its calls. */
  more: JsonObject;
}

/** Puts function calls together from the pieces of a stream, which servers mark in ways of their own. */
export class StreamedCalls {
  private readonly calls: Call[] = [];

  get whole(): JsonObject[] {
    return this.calls.map(({ id, name, arguments: args, more }) => {
      const called = { ...(isObject(more.function) ? more.function : {}), name, arguments: args };
      return { ...more, id, type: 'function', function: called };
    });
  }

  add({ index, id, type: _, function: called, ...beside }: JsonObject): void {
    const { name, arguments: args, ...inner } = isObject(called) ? called : {};
    const more = Object.keys(inner).length > 0 ? { ...beside, function: inner } : beside;
    const piece = { index, id: stringOrEmpty(id), name: stringOrEmpty(name), arguments: argumentsOf(args), more };
    const call = this.callOf(piece);
    if (!call) {
      this.calls.push(piece);
      return;
    }
    call.id ||= piece.id;
    // Some servers repeat the name with every piece.
    if (piece.name !== call.name) call.name += piece.name;
    // Some servers say all arguments once more at the end.
    if (piece.arguments !== call.arguments || !isWhole(call.arguments)) call.arguments += piece.arguments;
    call.more = mergeFields(call.more, more);
  }

  /** The call that a piece continues. Some servers leave the index out, or give all calls one: a new id with a name begins a call. */
  private callOf({ index, id, name, arguments: args }: Call): Call | undefined {
    const call = typeof index === 'number' ? this.calls.findLast((known) => known.index === index) : this.calls.at(-1);
    // Some servers give the arguments another index than the name.
    if (!call && id === '' && name === '') return this.calls.at(-1);
    if (!call || name === '') return call;
    if (id !== '' && call.id !== '') return id === call.id ? call : undefined;
    const isNext = isWhole(call.arguments) && args.startsWith('{') && args !== call.arguments;
    return typeof index === 'number' && !isNext ? call : undefined;
  }
}

function isWhole(args: string): boolean {
  try {
    return isObject(JSON.parse(args));
  } catch {
    // The rest is still to come.
    return false;
  }
}

const stringOrEmpty = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
