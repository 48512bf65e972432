import { describe, expect, test } from '@jest/globals';
import { checkReportPath, renderFile } from '../../src/report/index.ts';
import { reportOf, triage } from './support.ts';

const render = (path: string, list = triage()) => renderFile(path, reportOf(list), list);

describe('a report file', () => {
  test('has the format of its extension', () => {
    expect(JSON.parse(render('out/report.JSON'))).toEqual(reportOf(triage()));
    expect(render('report.junit.xml')).toMatch(/^<\?xml /);
    expect(render('report.md')).toMatch(/^# /);
  });

  test.each(['report.html', 'report', '.json'])('%s is refused, with the formats that there are', (path) => {
    expect(() => checkReportPath(path)).toThrow(
      expect.objectContaining({ code: 'invalid_usage', hint: 'Use .json, .xml (JUnit) or .md.' }),
    );
    expect(() => render(path)).toThrow(`No report can be written to \`${path}\``);
  });
});
