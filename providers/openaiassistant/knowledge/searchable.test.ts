import { expect, test } from '@jest/globals';
import { searchable } from './searchable.ts';
import { bytesOf } from './test-file-server.ts';

test.each([
  ['app.log', 'disk full', 'app.log.txt'],
  ['values.yaml', 'a: é', 'values.yaml.txt'],
  ['Makefile', 'all:', 'Makefile.txt'],
  ['runbook.md', '# Disk', 'runbook.md'],
  ['REPORT.PDF', '%PDF', 'REPORT.PDF'],
  ['dump.bin', 'a\u0000b', 'dump.bin'],
])('%s is searched under a name that file search takes', (name, text, expected) => {
  expect(searchable({ name, bytes: bytesOf(text) }).name).toBe(expected);
});

test('what is no text keeps its name', () => {
  expect(searchable({ name: 'a.bin', bytes: new Uint8Array([0xff, 0xfe, 0x41]) }).name).toBe('a.bin');
});
