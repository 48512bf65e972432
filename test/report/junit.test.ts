import { describe, expect, test } from '@jest/globals';
import { renderFile } from '../../src/report/index.ts';
import { events, failure, reportOf, runEnded, runStarted, stepEnded, triage } from './support.ts';
import { parseXml } from './xml-check.ts';

const render = (list = triage()) => renderFile('report.xml', reportOf(list), list);

describe('JUnit', () => {
  test('has a suite for the workflow and a case for each step and item', () => {
    expect(render()).toBe(`\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="threadline" tests="5" failures="1" errors="0" skipped="1" time="4.200">
  <testsuite name="alert-triage" tests="5" failures="1" errors="0" skipped="1" time="4.200" timestamp="2026-03-01T10:00:00">
    <properties>
      <property name="run_id" value="run_1"/>
      <property name="status" value="failed"/>
      <property name="offline" value="false"/>
      <property name="prompt_tokens" value="1000"/>
      <property name="completion_tokens" value="234"/>
      <property name="total_tokens" value="1234"/>
      <property name="cost_usd" value="0.0123"/>
    </properties>
    <testcase name="triage" classname="alert-triage" time="1.234"><system-out>{"verdict":"rollback"}</system-out></testcase>
    <testcase name="hosts[0]" classname="alert-triage" time="0.100"><system-out>"up"</system-out></testcase>
    <testcase name="hosts[1]" classname="alert-triage" time="0.500"><failure message="web-2 did not answer." type="timeout">timeout: web-2 did not answer.</failure></testcase>
    <testcase name="page" classname="alert-triage" time="0.000"><skipped message="severity is low"/></testcase>
    <testcase name="notify" classname="alert-triage" time="0.003"/>
  </testsuite>
</testsuites>
`);
  });

  test('is well formed whatever the text', () => {
    const hostile = 'a ]]> <b c="d">\'&amp; \u001b[31m \u0000\ufffe \ud800 \n\t\r 漢😀';
    const kept = 'a ]]> <b c="d">\'&amp; [31m  \ufffd \n\t\r 漢😀';
    const step = stepEnded(hostile, { error: failure('step_failed', hostile, hostile), results: hostile });
    const [, testcase] = parseXml(render(events(runStarted(), step, runEnded({ status: 'failed' })))).filter(({ name }) =>
      ['testsuite', 'testcase'].includes(name),
    );

    expect(testcase?.attributes.name).toBe(kept);
    expect(testcase?.children[0]).toMatchObject({
      name: 'failure',
      attributes: { message: kept },
      text: `step_failed: ${kept}\nhint: ${kept}`,
    });
    expect(JSON.parse(testcase?.children[1]?.text ?? '')).toBe(hostile.replace('\ufffe', ''));
  });

  test('tells a check that failed from a run that could not do its work', () => {
    const list = events(
      runStarted(),
      stepEnded('a', { error: failure('timeout', 'late') }),
      stepEnded('b', { error: failure('missing_credentials', 'no key') }),
      stepEnded('c', { error: failure('something_new', 'odd') }),
      runEnded({ status: 'failed' }),
    );

    expect(render(list)).toContain('tests="3" failures="2" errors="1" skipped="0"');
    expect(render(list)).toContain('<error message="no key" type="missing_credentials">');
  });

  test('is not red by a failure that the workflow allows', () => {
    const list = events(runStarted(), stepEnded('a', { error: failure('timeout', 'late'), tolerated: true }), runEnded());

    for (const xml of [render(list), renderFile('x.xml', reportOf(list))]) {
      expect(xml).toContain('failures="0" errors="0"');
      expect(xml).toContain('<system-err>timeout: late</system-err>');
    }
  });

  test('is red when the run failed and none of its steps did', () => {
    const list = events(
      runStarted(),
      stepEnded('a'),
      runEnded({ status: 'failed', error: failure('timeout', 'The run took too long.') }),
    );

    expect(render(list)).toContain(
      '<testcase name="(run)" classname="alert-triage" time="4.200"><failure message="The run took too long."',
    );
  });

  test('has a case for a foreach that failed beside its items', () => {
    const items = [{ status: 'succeeded', results: 1, error: null } as const];
    const xml = render(
      events(runStarted(), stepEnded('each', { error: failure('timeout', 'late'), items }), runEnded({ status: 'failed' })),
    );

    expect(xml).toMatch(/name="each\[0\]"[\s\S]*name="each"[\s\S]*<failure message="late"/);
  });

  test('cuts results, and takes 10,000 items of a megabyte in its stride', () => {
    const huge = 'x'.repeat(1_000_000);
    const one = render(events(runStarted(), stepEnded('a', { results: huge }), runEnded()));
    const items = Array.from(
      { length: 10_000 },
      () => ({ status: 'succeeded', results: huge.slice(0, 10_000), error: null }) as const,
    );
    const startedAt = performance.now();
    const many = render(events(runStarted(), stepEnded('a', { items: [...items] }), runEnded()));

    expect(one.length).toBeLessThan(70_000);
    expect(one).toContain('… (934,466 more characters)');
    expect(many.length).toBeLessThan(40_000_000);
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });
});
