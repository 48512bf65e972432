import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { RunReport } from '../../src/plan/event.ts';
import type { JsonObject } from '../../src/shared/json/json.ts';
import { startCheckedEmulator } from '../support/checked-emulator.ts';
import { folderWith } from '../support/cli.ts';
import { alertOf, fileOf, ROOT, resultsOf, runCli, startOf, WORKFLOWS, watch } from './run-workflow.ts';

/** The sample of review-diff has a severe finding, ask-before-restart waits for somebody; everything else succeeds. */
const exitCodeOf = (workflow: string) => ({ 'review-diff': 1, 'ask-before-restart': 4 })[workflow] ?? 0;

const statusesOf = ({ steps }: RunReport) => Object.entries(steps).map(([name, { status }]) => `${name} ${status}`);

test('docs/workflows.md has a section for every workflow, and for nothing else', () => {
  const sections = readFileSync(join(ROOT, 'docs/workflows.md'), 'utf8').matchAll(/^## (\S+)$/gm);
  expect(Array.from(sections, ([, name]) => name).sort()).toEqual([...WORKFLOWS].sort());
});

test.each(WORKFLOWS)('W1 %s is valid, warnings included, and says where its editor schema is', async (workflow) => {
  expect(await runCli(['validate', fileOf(workflow, 'yml')])).toMatchObject({ code: 0, stdout: '' });
  const text = readFileSync(join(ROOT, fileOf(workflow, 'yml')), 'utf8');
  expect(text.split('\n', 1)).toEqual(['# yaml-language-server: $schema=../docs/schema/workflow.json']);
});

test.each(WORKFLOWS)('%s runs offline, without a key, by the rules beside it', async (workflow) => {
  const { code, stdout } = await runCli(['run', ...startOf(workflow), '--offline', '--format', 'json']);
  const offline = JSON.parse(stdout);
  expect(code).toBe(exitCodeOf(workflow));
  expect(offline).toMatchObject({ run: { workflow, offline: true } });
  const { report } = await watch(workflow);
  expect(statusesOf(offline)).toEqual(statusesOf(report));
});

test.each(WORKFLOWS)("what %s sends and receives conforms to OpenAI's API document", async (workflow) => {
  const { code, asked, violations } = await watch(workflow);
  expect(violations).toEqual([]);
  expect(code).toBe(exitCodeOf(workflow));
  expect(asked.length).toBeGreaterThan(0);
});

test('F4 F8 W5 alert-triage calls the function of the assistant file, and the verdict follows from its output', async () => {
  const { report, asked } = await watch('alert-triage');
  const { tool_calls, response } = resultsOf(report, 'triage');
  expect(tool_calls).toMatchObject([
    {
      name: 'recent_deploys',
      arguments: { service: 'checkout', hours: 6 },
      output: [{ service: 'checkout', version: 'v241' }, {}],
    },
  ]);
  expect(asked).toHaveLength(2);
  expect(asked[0]).toMatchObject({ tools: [{ type: 'function', name: 'recent_deploys', strict: true }] });
  expect(asked[1]).toMatchObject({
    input: [{ type: 'function_call_output', output: expect.stringContaining('One query per cart item') }],
  });
  expect(response).toMatchObject({ suspected_deploy: 'v241', reason: expect.stringContaining('v241') });
});

test('W2 I1 alert-triage asks with every alert of the group, and with the runbook', async () => {
  const { asked } = await watch('alert-triage');
  expect(promptOf(asked[0])).toContain('- since 2026-10-06T09:41:12.345Z: p95 of checkout-7c9d5b64f8-kx2lp is 4.2 s');
  expect(promptOf(asked[0])).toContain('- since 2026-10-06T09:41:42.345Z: p95 of checkout-7c9d5b64f8-vm8qt is 3.9 s');
  expect(filesIn(asked[0])).toEqual({ 'checkout-latency.md': expect.stringContaining('# Runbook: latency of checkout') });
});

test('O2 O11 alert-triage has the schema enforced, and outputs a verdict that fits it', async () => {
  const { report, asked } = await watch('alert-triage');
  const schema = JSON.parse(readFileSync(join(ROOT, 'workflows/schemas/verdict.json'), 'utf8'));
  expect(asked[0]).toMatchObject({ text: { format: { type: 'json_schema', name: 'verdict', strict: true, schema } } });
  expect(report.outputs.verdict).toEqual({
    severity: 'critical',
    action: 'escalate',
    reason: expect.any(String),
    suspected_deploy: 'v241',
  });
});

test('alert-triage pages when the verdict says escalate', async () => {
  const { report } = await watch('alert-triage');
  expect(report.steps).toMatchObject({ escalate: { status: 'succeeded' }, 'stand-down': { status: 'skipped' } });
  expect(report.outputs.done).toMatch(/^PAGE checkout \[critical\]: p95 of checkout/);
});

test('alert-triage pages nobody when the verdict says resolve', async () => {
  const stdin = alertOf('alert-triage').replaceAll('"namespace": "shop"', '"namespace": "staging"');
  const { report, code } = await watch('alert-triage', { args: ['workflows/alert-triage.yml', '--alert', '-'], stdin });
  expect(code).toBe(0);
  expect(report.steps).toMatchObject({ escalate: { status: 'skipped' }, 'stand-down': { status: 'succeeded' } });
  expect(report.outputs).toMatchObject({ verdict: { severity: 'low' }, done: expect.stringMatching(/^NO PAGE \(resolve\): /) });
});

test('alert-triage pages the platform when the triage itself fails', async () => {
  const error = { status: 401, code: 'invalid_api_key', message: 'Incorrect API key provided.' };
  const { report, code } = await watch('alert-triage', { rules: [{ error }] });
  expect(code).toBe(3);
  expect(report.steps['on-failure']?.results).toMatch(/^PAGE platform: nobody triaged \{\}\/.* Step `triage` failed: /);
});

test('T2 T3 T23 W3 chained-investigation keeps one thread, and each step builds on the JSON of the one before', async () => {
  const { report, asked } = await watch('chained-investigation');
  const steps = ['symptoms', 'cause', 'update'].map((step) => resultsOf(report, step));
  expect(new Set(steps.map((results) => results.thread_id))).toEqual(new Set([report.outputs.thread]));
  expect(promptOf(asked[1])).toContain('Which of card-gateway, ledger, payments is it?');
  expect(steps[2]?.messages).toMatchObject(
    ['user', 'assistant', 'user', 'assistant', 'user', 'assistant'].map((role) => ({ role })),
  );
  expect(report.outputs.cause).toMatchObject({ service: 'ledger', confidence: 0.8 });
  expect(report.steps['hand-over']?.results).toMatch(/^To the team of ledger: Since 02:14 /);
});

test('T20 chained-investigation adds instructions for each step to those of the assistant', async () => {
  const { asked } = await watch('chained-investigation');
  const instructions = asked.map((request) => String(request.instructions));
  for (const text of instructions) expect(text).toMatch(/^You help the engineer on call/);
  expect(instructions[0]).toContain('Name the symptom in one sentence');
  expect(instructions[1]).toContain('Choose one suspect');
  expect(instructions[2]).toContain('Name ledger,\nand that our confidence is 0.8.');
});

test('T19 batch-triage keeps the verdict of every alert, tries a rate limit again, and goes on past a failure', async () => {
  const { report, code, asked } = await watch('batch-triage');
  expect(code).toBe(0);
  expect(report.steps.triage).toMatchObject({
    status: 'succeeded',
    // The request was repeated, not the step.
    attempts: 1,
    items: [
      { status: 'succeeded', results: { response: { action: 'escalate' } } },
      { status: 'succeeded', results: { response: { action: 'watch' } } },
      { status: 'succeeded', results: { response: { action: 'resolve' } } },
      { status: 'failed', error: { code: 'incomplete' } },
    ],
  });
  expect(asked.filter((request) => promptOf(request).includes('"alertname":"PodRestarts"'))).toHaveLength(2);
  expect(report.outputs.verdicts).toMatchObject([{ severity: 'critical' }, { severity: 'medium' }, { severity: 'low' }, null]);
});

test('batch-triage summarises all verdicts, the failed one too, and pages for what escalates or was not triaged', async () => {
  const { report, asked } = await watch('batch-triage');
  const question = promptOf(asked.at(-1));
  expect(question).toContain('- CertificateExpiresSoon: {"severity":"low"');
  expect(question).toContain('- QueueBacklog: not triaged, The answer was cut off');
  expect(report.outputs.summary).toMatch(/^1\. payments: .*\n2\. mail: .*\n3\. .*\n4\. /);
  expect(report.steps.page?.results).toEqual([
    'PAGE on-call for PaymentsErrorRateHigh',
    null,
    null,
    'PAGE on-call for QueueBacklog',
  ]);
});

test('I5 I6 I7 screenshot-triage sends the screenshot by url, the picture and the log by value', async () => {
  const { report, asked } = await watch('screenshot-triage');
  const { grafana_screenshot_url } = JSON.parse(alertOf('screenshot-triage'));
  const picture = readFileSync(join(ROOT, 'workflows/images/search-memory.png')).toString('base64');
  expect(partsOf(asked[0]).filter(({ type }) => type === 'input_image')).toEqual([
    { type: 'input_image', detail: 'high', image_url: grafana_screenshot_url },
    { type: 'input_image', detail: 'low', image_url: `data:image/png;base64,${picture}` },
  ]);
  expect(filesIn(asked[0])).toEqual({ 'search-1.log': expect.stringContaining('killed by OOM') });
  expect(report.outputs.observation).toMatchObject({ recurs: true, seen: [/now/, /night before/, /Log/].map(matching) });
  expect(report.steps.ticket?.results).toMatch(/^Ticket for search: The nightly index reload/);
});

test('review-diff fails the job for a severe finding, and shows every finding', async () => {
  const { report, code, stderr, asked } = await watch('review-diff');
  expect(code).toBe(1);
  expect(promptOf(asked[0])).toContain('idempotencyKey: order.id');
  expect(resultsOf(report, 'review').response).toMatchObject({
    findings: [
      { file: 'src/payments/charge.ts', line: 19, severity: 'severe' },
      { file: 'src/payments/charge.ts', line: 21, severity: 'warning' },
    ],
  });
  expect(stderr).toContain('src/payments/charge.ts:21 warning: Logs the whole order');
  expect(report.error?.message).toContain('Not to be merged: Retries without an idempotency key.');
});

test('review-diff passes a diff with nothing severe in it', async () => {
  const args = ['workflows/review-diff.yml', '-i', 'diff=--- a/README.md\n+++ b/README.md\n@@ -1 +1 @@\n-Teh\n+The\n'];
  const { report, code } = await watch('review-diff', { args });
  expect(code).toBe(0);
  expect(report.steps.gate).toMatchObject({ status: 'skipped' });
  expect(report.outputs).toEqual({ findings: [] });
});

test('review-diff without a diff does not start', async () => {
  const { code, stderr } = await runCli(['run', 'workflows/review-diff.yml', '--offline']);
  expect(code).toBe(2);
  expect(stderr).toContain('`diff` is required');
});

test('fan-out runs its checks beside each other, tolerates the late one, and decides on the rest', async () => {
  const { code, stdout } = await runCli(['run', ...startOf('fan-out'), '--offline', '--format', 'jsonl']);
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const order = events.flatMap(({ type, step, status }) => (/^step-/.test(type) ? [`${step} ${status ?? 'started'}`] : []));
  expect(code).toBe(0);
  expect(order.slice(0, 7)).toEqual([
    'errors started',
    'latency started',
    'gateway-status started',
    'errors succeeded',
    'latency succeeded',
    'gateway-status failed',
    'decide started',
  ]);
});

test('fan-out tells the assistant of the check that is missing', async () => {
  const { report, asked } = await watch('fan-out');
  expect(promptOf(asked[0])).toContain('Payment gateway: The step took longer than its timeout of 300ms.');
  expect(report.outputs).toMatchObject({
    decision: { decision: 'rollback' },
    checks: { errors: 'succeeded', latency: 'succeeded', 'gateway-status': 'failed' },
  });
  expect(report.steps).toMatchObject({ promote: { status: 'skipped' }, rollback: { status: 'succeeded' } });
});

test('npm start without a key says that it is offline, and prints a verdict', async () => {
  const { code, stdout, stderr } = await start(['--format', 'json'], { OPENAI_API_KEY: '' });
  expect(code).toBe(0);
  expect(stderr).toContain('OFFLINE');
  expect(JSON.parse(stdout).outputs.verdict).toMatchObject({ severity: 'critical', action: 'escalate' });
});

test('npm start with a key says so, asks the API, and exits as the run does', async () => {
  const emulator = await startCheckedEmulator({ rules: [{ error: { status: 401, message: 'Incorrect API key provided.' } }] });
  const { code, stderr } = await start([], { OPENAI_API_KEY: 'sk-wrong', OPENAI_BASE_URL: emulator.url });
  await emulator.close();
  expect(code).toBe(3);
  expect(stderr).toContain('ONLINE');
  expect(stderr).toContain('Incorrect API key provided.');
});

/** What `npm start` runs, without npm around it. */
function start(args: string[], env: Record<string, string>): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const options = { cwd: ROOT, env: { PATH: process.env.PATH, NO_COLOR: '1', ...env } };
    const child = execFile(process.execPath, ['scripts/start.ts', ...args], options, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

const matching = (pattern: RegExp) => expect.stringMatching(pattern);

/** The content of a question: text, images, files. */
function partsOf(request: JsonObject | undefined): JsonObject[] {
  const [message] = (request?.input ?? []) as JsonObject[];
  return (message?.content ?? []) as JsonObject[];
}

const promptOf = (request: JsonObject | undefined): string => String(partsOf(request)[0]?.text);

/** The files of a question, by name, as the text that was sent. */
function filesIn(request: JsonObject | undefined): Record<string, string> {
  const files = partsOf(request).filter(({ type }) => type === 'input_file');
  const decode = (data: unknown) => Buffer.from(String(data).split(',')[1] ?? '', 'base64').toString();
  return Object.fromEntries(files.map(({ filename, file_data }) => [filename, decode(file_data)]));
}

test('ask-before-restart leaves its process twice: for an answer, and for its time', async () => {
  const home = { THREADLINE_HOME: folderWith({}) };
  const first = await runCli(['run', ...startOf('ask-before-restart'), '--offline', '--run-id', 'r', '-i', 'settle=90s'], home);
  expect([first.code, first.stderr]).toEqual([4, expect.stringContaining('repair/ask  Restart db-2?')]);
  const second = await runCli(['runs', 'resume', 'r', '--approve', '--by', 'ada', '--format', 'json'], home);
  expect([second.code, JSON.parse(second.stdout)]).toMatchObject([
    4,
    {
      steps: { 'repair/ask': { results: { approved: true, by: 'ada' } }, 'repair/restart': { results: 'db-2 restarts' } },
      waits: [{ step: 'repair/settle' }],
    },
  ]);
});

test('ask-before-restart with stubs: nobody is asked, no time is waited for', async () => {
  const args = [...startOf('ask-before-restart'), '--offline', '--stubs', fileOf('ask-before-restart', 'stubs.yaml')];
  const { code, stdout, stderr } = await runCli(['run', ...args]);
  expect([code, JSON.parse(stdout), stderr]).toEqual([
    0,
    { restarted: true },
    expect.stringContaining('db-2 was restarted; ada said yes'),
  ]);
});
