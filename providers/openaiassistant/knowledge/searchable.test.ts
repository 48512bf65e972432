import { expect, test } from '@jest/globals';
import { searchable } from './searchable.ts';
import { bytesOf } from './test-file-server.ts';

const bytesOfHex = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const ZIP = '504b0304 14000000';
const PNG = '89504e47 0d0a1a0a 0000000d';

test.each([
  ['app.log', bytesOf('disk full'), 'app.log.txt'],
  ['values.yaml', bytesOf('a: é'), 'values.yaml.txt'],
  ['Makefile', bytesOf('all:'), 'Makefile.txt'],
  ['runbook.md', bytesOf('# Disk'), 'runbook.md'],
  ['REPORT.PDF', bytesOf('%PDF-1.7'), 'REPORT.PDF'],
  ['report', bytesOf('%PDF-1.7'), 'report.pdf'],
  ['report.pdf', bytesOf('no PDF at all'), 'report.pdf.txt'],
  ['runbook.docx', bytesOfHex(ZIP), 'runbook.docx'],
  ['utf-16.csv', bytesOfHex('fffe 6100 2c00'), 'utf-16.csv.txt'],
])('%s is searched under a name that file search takes', (name, bytes, expected) => {
  expect(searchable({ name, bytes })).toEqual({ content: { name: expected, bytes } });
});

test.each([
  ['a picture', 'graph.png', bytesOfHex(PNG), 'unsupported_file', /^graph.png is a PNG picture: .*PDF, .docx/],
  ['a picture that is called a text', 'graph.txt', bytesOfHex(PNG), 'unsupported_file', /a PNG picture/],
  ['an archive', 'logs.zip', bytesOfHex(ZIP), 'unsupported_file', /neither text nor a document/],
  ['a table of an office program', 'costs.xlsx', bytesOfHex(ZIP), 'unsupported_file', /neither text nor a document/],
  ['a document that is none', 'runbook.docx', bytesOfHex('00010203'), 'unsupported_file', /neither text nor a document/],
  ['what is no text', 'dump.txt', bytesOfHex('610062'), 'unsupported_file', /neither text nor a document/],
  ['nothing', 'empty.md', bytesOf(''), 'invalid_file', /empty/],
])('%s is not uploaded to be searched', (_, name, bytes, code, message) => {
  expect(searchable({ name, bytes })).toEqual({ code, message: expect.stringMatching(message) });
});
