import { expect, test } from '@jest/globals';
import { lineOf } from '../../src/log/log-line.ts';
import { asksForLog, readLogSettings } from '../../src/log/log-settings.ts';

test('a line of key=value can be split again, whatever stands in a value', () => {
  const record = { level: 'info', message: 'asked "it"\nlevel=error', host: 'db-1:5432', list: [1, 'a b'], none: null };
  const line = lineOf(record, 'keyvalue');
  expect(line).toBe('level=info message="asked \\"it\\"\\nlevel=error" host=db-1:5432 list="[1,\\"a b\\"]" none=null');
  expect(line).not.toContain('\n');
  expect(JSON.parse(lineOf(record, 'json'))).toEqual(record);
});

test('a log is asked for by a file, a level or a format; STREAM alone asks for none', () => {
  expect(asksForLog({ STREAM: 'stdout' }, undefined)).toBe(false);
  expect([{ LOGGING_LEVEL: 'debug' }, { LOG_FORMAT: 'json' }].map((one) => asksForLog(one, undefined))).toEqual([true, true]);
  expect(asksForLog({}, 'run.log')).toBe(true);
});

test('a value that no variable takes is refused', () => {
  expect(() => readLogSettings({ LOGGING_LEVEL: 'loud' }, undefined)).toThrow(/LOGGING_LEVEL/);
  expect(readLogSettings({ LOGGING_LEVEL: 'DEBUG' }, 'run.log')).toMatchObject({ level: 'debug', to: { file: 'run.log' } });
});
