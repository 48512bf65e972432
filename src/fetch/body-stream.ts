import type { Readable } from 'node:stream';

/** Ends the connection of a body that is not read on. */
function discard(body: Readable): void {
  // An error that nobody listens to would end the process.
  body.on('error', () => undefined).destroy();
}

/** Streams `chunks`, which are read from `source`. `ReadableStream.from` would leave the source open where nothing was read yet. */
export const bodyStream = (chunks: AsyncGenerator<Uint8Array>, source: Readable): ReadableStream<Uint8Array> =>
  new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => discard(source),
    },
    { highWaterMark: 0 },
  );
