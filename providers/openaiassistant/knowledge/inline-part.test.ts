import { expect, test } from '@jest/globals';
import { ThreadlineError } from 'threadline/provider';
import { inlinePart } from './inline-part.ts';

const hex = (digits: string) => new Uint8Array(Buffer.from(digits.replaceAll(' ', ''), 'hex'));
const text = (content: string) => new TextEncoder().encode(content);
const PNG = hex('89504e47 0d0a1a0a');
const ZIP = hex('504b0304 14000000');
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

test.each<[string, string, Uint8Array, object]>([
  ['a picture under any name', 'shot.txt', PNG, { type: 'image', url: `data:image/png;base64,${base64(PNG)}`, detail: 'auto' }],
  [
    'a PDF document under any name',
    'report.txt',
    text('%PDF-1'),
    { type: 'file', name: 'report.txt.pdf', dataUrl: `data:application/pdf;base64,${base64(text('%PDF-1'))}` },
  ],
  [
    'text that is called a document',
    'report.pdf',
    text('disk'),
    { type: 'file', name: 'report.pdf.txt', dataUrl: 'data:text/plain;base64,ZGlzaw==' },
  ],
  [
    'text that is called a picture',
    'shot.png',
    text('disk'),
    { type: 'file', name: 'shot.png.txt', dataUrl: 'data:text/plain;base64,ZGlzaw==' },
  ],
  [
    'text in UTF-16',
    'app.log',
    hex('fffe 6400 6900 7300 6b00'),
    { type: 'file', name: 'app.log', dataUrl: 'data:text/plain;base64,ZGlzaw==' },
  ],
  [
    'an office document',
    'runbook.docx',
    ZIP,
    { type: 'file', name: 'runbook.docx', dataUrl: `data:${DOCX};base64,${base64(ZIP)}` },
  ],
])('%s is sent as what it is', (_, name, bytes, part) => {
  expect(inlinePart({ name, bytes })).toEqual(part);
});

test.each<[string, string, Uint8Array, RegExp]>([
  ['an SVG picture', 'graph.svg', text('<svg></svg>'), /SVG picture: models take PNG, JPEG/],
  ['a HEIC picture', 'photo.jpg', hex('00000018 66747970 68656963'), /HEIC picture: models take PNG, JPEG/],
  ['a broken picture', 'shot.png', hex('00010203'), /not a picture: models take PNG, JPEG/],
  ['an empty picture', 'shot.png', text(''), /shot.png is empty/],
  ['an empty file', 'app.log', text(''), /app.log is empty/],
  ['an archive', 'logs.zip', ZIP, /logs.zip is not a file that models read: they take text, PDF/],
  ['a program', 'tool', hex('7f454c46 02010100'), /not a file that models read/],
])('%s is refused before anything is sent', (_, name, bytes, message) => {
  expect(() => inlinePart({ name, bytes })).toThrow(ThreadlineError);
  expect(() => inlinePart({ name, bytes })).toThrow(message);
});
