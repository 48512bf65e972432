import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { ThreadlineError } from '../shared/errors/errors.ts';
import { connectionFailure, type Hop } from './connection-failure.ts';
import { describeUrl } from './outgoing.ts';
import type { HttpAnswer } from './send.ts';

const DECODERS: Record<string, () => Transform> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

export interface BodyOptions {
  /** Counted after decompression. */
  maxBytes: number;
  signal: AbortSignal | null;
}

/** Streams the body of an answer, decompressed. A body that breaks, or is too large, fails as the request would have. */
export async function* bodyOf(answer: HttpAnswer, hop: Hop, { maxBytes, signal }: BodyOptions): AsyncGenerator<Uint8Array> {
  let left = maxBytes;
  try {
    for await (const chunk of decompressed(answer, hop) as AsyncIterable<Uint8Array>) {
      yield chunk.subarray(0, left);
      left -= chunk.length;
      if (left < 0) throw tooLarge(answer, hop, maxBytes);
    }
    // The pool has the connection back a turn later: whoever asks again at once is to get it.
    await new Promise((resolve) => setImmediate(resolve));
  } catch (thrown) {
    signal?.throwIfAborted();
    throw connectionFailure(thrown, hop);
  }
}

function decompressed({ status, headers, body }: HttpAnswer, { outgoing }: Hop): Readable {
  const encoding = [headers['content-encoding'] ?? ''].flat().join().trim().toLowerCase();
  if (encoding === '' || encoding === 'identity' || headers['content-length'] === '0') return body;
  const decoder = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding]?.() : undefined;
  // Whoever reads the decoder sees its error; the pipeline only has to end the other one.
  if (decoder) return pipeline(body, decoder, () => undefined);
  body.on('error', () => undefined).destroy();
  // One layer only: each further one lets a small answer cost the square of its size.
  const name = JSON.stringify(encoding.slice(0, 50));
  const url = describeUrl(outgoing.url);
  throw new ThreadlineError('unsupported', `The answer of ${url} is compressed as ${name}, which is not read.`, {
    details: { status, url },
  });
}

const tooLarge = ({ status }: HttpAnswer, { outgoing }: Hop, maxBytes: number) =>
  new ThreadlineError('response_too_large', `The answer of ${describeUrl(outgoing.url)} is larger than ${maxBytes} bytes.`, {
    hint: 'Ask for less, or raise the limit.',
    details: { status, url: describeUrl(outgoing.url) },
  });
