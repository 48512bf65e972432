import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  type Json,
  type JsonObject,
  loadWorkflow,
  openRegistry,
  type RunReport,
  runWorkflow,
  type Stubs,
} from '../../src/index.ts';

/** Workflows in Keep's language: what they call, with what, as Keep would. */

const registry = openRegistry();
const folder = join(import.meta.dirname, '../fixtures/keep');

interface Start {
  alert?: JsonObject;
  incident?: JsonObject;
  inputs?: JsonObject;
  /** Results by step. */
  steps?: Record<string, Json>;
  workflow?: string;
}

async function run(file: string, { steps = {}, workflow, ...start }: Start): Promise<RunReport> {
  const loaded = await loadWorkflow(join(folder, file), registry, { isStubbed: () => true });
  const plan = loaded.plans.find(({ id }) => workflow === undefined || id === workflow);
  if (!plan) throw new Error(JSON.stringify(loaded.diagnostics));
  const stubs: Stubs = {
    steps: Object.fromEntries(Object.entries(steps).map(([name, results]) => [name, { results }])),
    default: { results: null },
  };
  return runWorkflow(plan, { registry, environment: { DB_PASSWORD: 'x' }, stubs, ...start });
}

/** What the providers were called with, by step. */
const calls = (report: RunReport) => (report.calls ?? []).map(({ step, params }) => [step, params]);
const statuses = (report: RunReport) =>
  Object.fromEntries(Object.entries(report.steps).map(([name, { status }]) => [name, status]));

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

describe('files of Keep run as they are', () => {
  test.each([
    [2, 'Tier 0', ['mail-first']],
    [15, 'Tier 7', ['mail-later']],
    [45, '', []],
  ])('tiers by how long an alert has fired: %i minutes', async (minutes, tier, called) => {
    const alert = { name: 'down', host: "o'brien\n", fingerprint: 'f', startedAt: minutesAgo(minutes), labels: { tier: 7 } };
    const report = await run('tiers.yml', { alert });
    expect(report.error).toBeNull();
    expect(calls(report).map(([step]) => step)).toEqual(called);
    if (tier !== '') {
      const [, params] = calls(report)[0] as [string, JsonObject];
      expect(params.html).toMatch(new RegExp(`^<b>${tier}</b>: o'brien\n has been down for ${minutes}\\.\\d\\d minutes.<br>\n$`));
    }
  });

  test('what the last run gave, with a default for the first; sections and functions in text', async () => {
    const stars = { stars: 7, last_stargazer: 'b', new_stargazers_count: 2 };
    const people = [
      { username: 'a', starred_at: 't1' },
      { username: "o'b", starred_at: 't2' },
    ];
    const report = await run('stars.yml', { steps: { 'get-stars': { ...stars, new_stargazers: people } } });
    expect(calls(report)).toEqual([
      ['get-stars', { previous_stars_count: 0, last_stargazer: '', repository: 'example/threads' }],
      [
        'tell',
        {
          blocks: [
            { type: 'section', text: { type: 'plain_text', text: 'There are 2 new stars' } },
            { type: 'section', text: { type: 'plain_text', text: "- a at t1;- o'b at t2;" } },
          ],
        },
      ],
    ]);
    const none = await run('stars.yml', { steps: { 'get-stars': { ...stars, new_stargazers_count: 0, new_stargazers: [] } } });
    expect(statuses(none)).toEqual({ 'get-stars': 'succeeded', tell: 'skipped' });
  });

  test('a threshold in percent, its value in the message, its alias in a later step', async () => {
    const report = await run('disk.yml', {});
    expect(report.error).toBeNull();
    expect(calls(report).at(1)).toEqual(['tell', { message: "the paper warehouse's server: 91% of 91%" }]);
    expect(statuses(report)).toEqual({ df: 'succeeded', tell: 'succeeded', calm: 'skipped' });
  });

  test('thresholds with levels over the rows of a table', async () => {
    const disks = [
      ['sda', 'x', 55],
      ['sdb', 'x', '42'],
      ['sdc', 'x', 3],
      ["sd'd", 'x', 31.5],
    ];
    const report = await run('defects.yml', { steps: { disks } });
    expect(
      calls(report)
        .slice(1)
        .map(([, params]) => (params as JsonObject).query),
    ).toEqual([
      "INSERT INTO alert VALUES ('major', 'sda: 55')",
      "INSERT INTO alert VALUES ('medium', 'sdb: 42')",
      "INSERT INTO alert VALUES ('minor', 'sd'd: 31.5')",
    ]);
    expect(report.steps.push?.items?.map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'skipped', 'succeeded']);
  });

  describe('a ticket for an alert that has none', () => {
    const alert = { name: 'disk', description: 'it\'s "full"', fingerprint: 'f', source: ['prometheus'], severity: 'high' };
    const jira = { issue: { key: 'OPS-1' }, links: [{ url: 'https://jira.example/OPS-1' }] };

    test('is opened and written on the alert, which later steps see', async () => {
      const report = await run('ticket.yml', { alert: { ...alert, annotations: { ticket_type: 'jira' } }, steps: { jira } });
      expect(calls(report)).toEqual([
        ['jira', { board_name: 'Example Board', summary: 'disk - it\'s "full"', description: 'Someone wrote: it\'s "full"\n' }],
        ['tell', { message: 'OPS-1 at https://jira.example/OPS-1' }],
      ]);
    });

    test('is not opened twice, and not where nobody wants one', async () => {
      const has = await run('ticket.yml', {
        alert: { ...alert, ticket_id: 'A', ticket_url: 'u', annotations: { ticket_type: 'jira' } },
      });
      expect(statuses(has)).toEqual({ jira: 'skipped', tell: 'succeeded' });
      const unwanted = await run('ticket.yml', { alert: { ...alert, annotations: {} } });
      expect(statuses(unwanted)).toEqual({ jira: 'skipped', tell: 'skipped' });
    });

    test('starts by the filter of its trigger', async () => {
      const { plan } = await loadWorkflow(join(folder, 'ticket.yml'), registry, { isStubbed: () => true });
      const trigger = plan?.triggers[0];
      expect(trigger?.matches({ alert })).toBe(true);
      expect(trigger?.matches({ alert: { ...alert, severity: 'info' } })).toBe(false);
    });
  });

  test('conditions over the lengths of several results', async () => {
    const events = [{ name: 'pod_restarted' }];
    const both = await run('queries.yml', { steps: { urls: [{ u: 1 }], events } });
    expect(calls(both).slice(2)).toEqual([
      ['tell', { topic: 't', message: 'urls [{"u":1}] and pod_restarted' }],
      ['ticket', { table_name: 'INCIDENT', payload: { short_description: 'pod restarted', description: [{ u: 1 }] } }],
    ]);
    const one = await run('queries.yml', { steps: { urls: [], events } });
    expect(statuses(one)).toMatchObject({ tell: 'succeeded', ticket: 'skipped' });
  });

  test('several workflows of one file take over one action', async () => {
    const first = await run('reuse.yml', { workflow: 'first' });
    expect(calls(first)).toEqual([
      ['a', { message: 'from the first', channel: '#ops', blocks: [{ text: 'uno' }, { text: 'two' }] }],
    ]);
    const second = await run('reuse.yml', { workflow: 'second', inputs: { who: "d'Arc" } });
    expect(calls(second)).toEqual([
      ['b', { message: "hello d'Arc", channel: '#ops', blocks: [{ text: 'one' }, { text: 'two' }] }],
    ]);
  });

  test.each([true, false])('what a model says gates a call: %s', async (should_run) => {
    const incident = { id: 'i-1', name: 'outage', current_tier: 0, alerts_sources: ['a'] };
    const steps = { ask: { response: { should_run } }, page: { status_code: 200 } };
    const report = await run('gate.yml', { incident, steps });
    expect(statuses(report)).toEqual({ ask: 'succeeded', page: should_run ? 'succeeded' : 'skipped', say: 'succeeded' });
    expect(calls(report).at(-1)).toEqual(['say', { message: `tier ${should_run ? 1 : 0} of ["a"]` }]);
  });

  test('text that is handed on raw is neither rendered nor run', async () => {
    const text = '{{ secrets.TOKEN }} keep.len("x")';
    const report = await run('raw.yml', { inputs: { text } });
    expect(calls(report).at(-1)).toEqual(['upload', { body: `id: x\nmessage: ${text} 1` }]);
  });

  test('lists in pairs, functions over constants, and the end of a list', async () => {
    const report = await run('pairs.yml', {});
    expect(
      calls(report)
        .filter(([step]) => step === 'each')
        .map(([, params]) => (params as JsonObject).title),
    ).toEqual(['a is critical', 'b is error']);
    expect(calls(report).at(-1)).toEqual(['last', { message: '2 of succeeded' }]);
    expect(report.steps.never?.status).toBe('skipped');
  });
});
