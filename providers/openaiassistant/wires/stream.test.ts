import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Json, ThreadlineError } from 'threadline/provider';
import { readStream, type StreamRequest } from './stream.ts';

const IDLE_MS = 1000;

/** A stream that says what the test pushes. */
function opened(wishes: Partial<StreamRequest> = {}) {
  const wire = new TransformStream<string, string>();
  const writer = wire.writable.getWriter();
  const headers = { 'content-type': 'text/event-stream', 'x-request-id': 'req_1' };
  const seen: Json[] = [];
  const reading = readStream({
    open: async (signal) => {
      signal.addEventListener('abort', () => writer.abort(signal.reason).catch(() => undefined));
      return new Response(wire.readable.pipeThrough(new TextEncoderStream()), { headers });
    },
    onEvent: ({ data }) => {
      seen.push(data);
      return data === 'last';
    },
    onWhole: () => undefined,
    isWhole: (end) => end === 'done',
    signal: new AbortController().signal,
    idleMs: IDLE_MS,
    ...wishes,
  });
  const failure = reading.then(
    () => undefined,
    (thrown: ThreadlineError) => thrown,
  );
  const push = (text: string) => writer.write(text);
  return { seen, failure, push, end: () => writer.close() };
}

/** Lets the time pass, and what hangs on it. */
const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

describe('the silence of a stream', () => {
  beforeEach(() => void jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick', 'setImmediate', 'performance'] }));
  afterEach(() => void jest.useRealTimers());

  test('is over with every comment that keeps the connection alive', async () => {
    const { seen, failure, push, end } = opened();
    for (let pings = 0; pings < 5; pings++) {
      await pass(IDLE_MS - 1);
      await push(': ping\n\n');
      await pass(0);
    }
    await push('data: "answer"\n\ndata: [DONE]\n\n');
    await end();
    expect(await failure).toBeUndefined();
    expect(seen).toEqual(['answer']);
  });

  test('ends it, when it lasts', async () => {
    const { failure, push } = opened();
    await push(': ping\n\n');
    await pass(IDLE_MS + 1);
    expect(await failure).toMatchObject({ code: 'connection_failed', message: 'The stream said nothing for 1 seconds.' });
  });

  test('does not matter behind the event that ends the answer, comments or none', async () => {
    const { failure, push } = opened();
    await push('data: "last"\n\n');
    await pass(IDLE_MS - 1);
    await push(': ping\n\n');
    await pass(1);
    expect(await failure).toBeUndefined();
  });
});

describe('the end of a stream', () => {
  const endOf = async (text: string) => {
    const ends: string[] = [];
    const { seen, failure, push, end } = opened({ isWhole: (way) => ends.push(way) > 0 });
    await push(text);
    await end();
    return { seen, ends, failure: await failure };
  };

  test.each<[string, string, object]>([
    ['[DONE]', 'data: 1\n\ndata: [DONE]\n\ndata: 2\n\n', { seen: [1], ends: ['done'] }],
    ['[DONE] without line breaks behind it', 'data: 1\n\ndata: [DONE]', { seen: [1], ends: ['done'] }],
    ['the end of the body', 'data: 1\n\n', { seen: [1], ends: ['body'] }],
    ['the end of the body right behind an event', 'data: 1\n\ndata: {"a":2}', { seen: [1, { a: 2 }], ends: ['body'] }],
    ['the end of the body within an event', 'data: 1\n\ndata: {"a":', { seen: [1], ends: ['body'] }],
    ['the end of a body of nothing', '', { seen: [], ends: ['body'] }],
  ])('%s is told', async (_, text, expected) => {
    expect(await endOf(text)).toMatchObject(expected);
  });

  test('that comes before the answer is whole is a broken connection', async () => {
    const { failure, push, end } = opened();
    await push('data: 1\n\n');
    await end();
    expect(await failure).toMatchObject({ code: 'connection_failed', message: 'The stream ended before the answer did.' });
  });

  test.each<[string, string]>([
    ['{"error":"Out of memory"}', 'Out of memory'],
    ['{"object":"error","message":"Out of memory","code":500}', 'Out of memory'],
    ['{"type":"error","message":"Out of memory"}', 'Out of memory'],
  ])('an event that is an error fails: %s', async (event, message) => {
    expect((await endOf(`data: 1\n\ndata: ${event}\n\ndata: [DONE]\n\n`)).failure).toMatchObject({ message });
  });
});

describe('events', () => {
  test.each<[string, string[]]>([
    ['lines that Windows ends', ['data: 1\r\n\r\ndata: 2\r\n\r\n']],
    ['lines that a carriage return ends', ['data: 1\r\rdata: 2\r\r']],
    ['a line break in two pieces', ['data: 1\r', '\n\r', '\ndata: 2\r\n\r\n']],
    ['no space behind the colon', ['data:1\n\ndata:2\n\n']],
    ['a byte order mark', ['\ufeffdata: 1\n\ndata: 2\n\n']],
    ['fields that nobody knows', ['id: 7\nretry: 10\ndata: 1\n\nevent: x\n\ndata: 2\n\n']],
    ['one character at a time', [...': hi\nevent: message\ndata: 1\n\ndata: 2\n\n']],
  ])('with %s are read', async (_, pieces) => {
    const { seen, failure, push, end } = opened({ isWhole: () => true });
    for (const piece of pieces) await push(piece);
    await end();
    expect(await failure).toBeUndefined();
    expect(seen).toEqual([1, 2]);
  });

  test('with a character in two pieces are read', async () => {
    const bytes = new TextEncoder().encode('data: "ü"\n\n');
    const body = new ReadableStream({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    const response = new Response(body, { headers: { 'content-type': 'text/event-stream' } });
    const { seen, failure } = opened({ open: async () => response, isWhole: () => true });
    expect(await failure).toBeUndefined();
    expect(seen).toEqual(['ü']);
  });
});
