import { isObject, type Json, type JsonObject } from 'threadline/provider';
import { argumentsOf } from './tool-call.ts';

interface Call {
  index: Json | undefined;
  id: string;
  name: string;
  arguments: string;
}

/** Function calls that come in pieces, which servers mark in ways of their own. */
export class StreamedCalls {
  private readonly calls: Call[] = [];

  get whole(): JsonObject[] {
    return this.calls.map(({ id, name, arguments: args }) => ({ id, type: 'function', function: { name, arguments: args } }));
  }

  add({ index, id, function: called }: JsonObject): void {
    const { name, arguments: args } = isObject(called) ? called : {};
    const piece = { index, id: textOf(id), name: textOf(name), arguments: argumentsOf(args) };
    const call = this.callOf(piece);
    if (!call) {
      this.calls.push(piece);
      return;
    }
    call.id ||= piece.id;
    // Some servers say it again with every piece.
    if (piece.name !== call.name) call.name += piece.name;
    call.arguments += piece.arguments;
  }

  /** The call that goes on here. Some servers leave the index out, or give all calls the same: a new id with a name is a new call. */
  private callOf({ index, id, name }: Call): Call | undefined {
    const call = typeof index === 'number' ? this.calls.findLast((known) => known.index === index) : this.calls.at(-1);
    if (!call || name === '') return call;
    if (id !== '' && call.id !== '') return id === call.id ? call : undefined;
    return typeof index === 'number' ? call : undefined;
  }
}

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
