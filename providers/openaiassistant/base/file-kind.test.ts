import { describe, expect, test } from '@jest/globals';
import { ThreadlineError } from 'threadline/provider';
import { pictureType } from './file-kind.ts';

const bytesOf = (...parts: (string | number[])[]) =>
  new Uint8Array(
    Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part)))),
  );
const control = [0x21, 0xf9, 4, 0, 10, 0, 0, 0, 0x2c];

describe('a picture is what its first bytes say', () => {
  test.each<[string, Uint8Array]>([
    ['image/png', bytesOf([0x89], 'PNG\r\n', [0x1a], '\n', [0, 0, 0, 13], 'IHDR')],
    ['image/jpeg', bytesOf([0xff, 0xd8, 0xff, 0xe0, 0, 16], 'JFIF')],
    ['image/gif', bytesOf('GIF89a', control)],
    ['image/webp', bytesOf('RIFF', [36, 0, 0, 0], 'WEBPVP8 ')],
  ])('%s', (type, bytes) => {
    for (const name of ['shot.png', 'shot.JPG', 'shot', 'shot.svg']) expect(pictureType(name, bytes)).toBe(type);
  });
});

describe('a picture that models do not take is refused, with those that they take', () => {
  test.each<[string, Uint8Array]>([
    ['an SVG picture', bytesOf('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    [
      'an SVG picture',
      bytesOf([0xef, 0xbb, 0xbf], '<?xml version="1.0"?>\n<!-- made by x -->\n<!DOCTYPE svg PUBLIC "a" "b">\n<svg>'),
    ],
    ['a HEIC picture', bytesOf([0, 0, 0, 24], 'ftypheic')],
    ['a HEIC picture', bytesOf([0, 0, 0, 28], 'ftypmif1')],
    ['an AVIF picture', bytesOf([0, 0, 0, 28], 'ftypavif')],
    ['a BMP picture', bytesOf('BM', [70, 0, 0, 0, 0, 0, 0, 0, 54])],
    ['a TIFF picture', bytesOf('II', [42, 0, 8, 0])],
    ['a TIFF picture', bytesOf('MM', [0, 42, 0, 0])],
    ['an ICO picture', bytesOf([0, 0, 1, 0, 1, 0])],
    ['a PDF document', bytesOf('%PDF-1.7')],
    ['a GIF that moves', bytesOf('GIF89a', control, [1, 2, 3], control)],
    ['empty', bytesOf()],
    ['not a picture', bytesOf('<!doctype html><title>Sign in</title>')],
    ['not a picture', bytesOf('BMW has a new model.')],
    ['not a picture', bytesOf([0x89], 'PNG')],
  ])('%s', (found, bytes) => {
    let thrown: unknown;
    try {
      pictureType('shot.png', bytes);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ThreadlineError);
    expect(thrown).toMatchObject({
      code: 'invalid_params',
      message: `shot.png is ${found}: models take PNG, JPEG, WebP, and GIF that does not move.`,
    });
  });
});
