import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseJson } from '../../src/shared/json/parse-json.ts';
import { startCheckedEmulator } from '../support/checked-emulator.ts';
import { type CliResult, cli, type Files, folderWith } from '../support/cli.ts';

/** Whole numbers beyond 2^53, which a JavaScript number would round: from wherever they come, to wherever they go. */

const ID = 9007199254740993n;
const requests: string[] = [];
const server = createServer((incoming, response) => {
  const chunks: Buffer[] = [];
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
  incoming.on('end', () => {
    requests.push(`${incoming.method} ${incoming.url} ${incoming.headers['x-id'] ?? ''} ${Buffer.concat(chunks)}`.trimEnd());
    const body = incoming.url === '/infinite' ? '{"items":[{"id":1e400}]}' : '{"id":9223372036854775807}';
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  });
});
let url = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

const SETTINGS = { 'threadline.config.yaml': 'http: { allow_hosts: ["127.0.0.1"] }\n' };
const project = (steps: string, files: Files = {}, top = '') =>
  folderWith({ ...SETTINGS, 'w.yml': `workflow:\n  id: big\n${top}  steps:\n${steps}`, ...files });
const reportOf = ({ stdout, stderr }: CliResult) => {
  if (stdout === '') throw new Error(stderr);
  // biome-ignore lint/suspicious/noExplicitAny: a report, as a script reads it.
  return parseJson<any>(stdout);
};
const mock = (name: string, output: string) =>
  `    - { name: ${name}, provider: { type: mock, with: { output: "${output}" } } }\n`;

describe('a whole number beyond 2^53 keeps its digits', () => {
  const STEPS = mock('id', '{{ alert.ticket.id }}');
  const alert = `{"name":"disk","ticket":{"id":${ID}}}`;
  const args = ['run', 'w.yml', '--format', 'json', '--alert'];

  test.each<[string, string[], string | undefined]>([
    ['in the file of an alert', ['a.json'], undefined],
    ['on standard input', ['-'], alert],
    ['in a notification', ['a.json', '--alert-format', 'plain'], undefined],
  ])('%s', async (_, more, stdin) => {
    const folder = project(STEPS, { 'a.json': alert });
    const ran = await cli([...args, ...more], { folder, ...(stdin === undefined ? {} : { stdin }) });
    expect(reportOf(ran).steps.id.results).toBe(ID);
    expect(ran.stdout).toContain(`"results": ${ID}`);
  });

  test('from inputs, constants and an HTTP answer to urls, queries, headers, forms, bodies and outputs', async () => {
    requests.length = 0;
    const folder = project(
      `    - name: get
      provider: { type: http, with: { url: "${url}/t/{{ inputs.id }}?c={{ consts.c }}", query: { list: ["{{ inputs.ids.0 }}"], n: 12345678901234567890 }, headers: { x-id: "{{ consts.c }}" } } }
    - name: post
      provider: { type: http, with: { url: "${url}/p", method: POST, json: { id: "{{ steps.get.results.body.id }}", c: "{{ consts }}", n: 12345678901234567890 } } }
    - name: form
      provider: { type: http, with: { url: "${url}/f", method: POST, form: { id: "{{ steps.get.results.body.id }}" } } }
`,
      { 'inputs.json': `{"ids":[${ID}]}` },
      `  inputs: [{ name: id, type: number, default: 9007199254740995 }, { name: ids, type: list, required: true }]
  consts: { c: -9007199254740993 }
  outputs: { id: "{{ steps.post.results.body.id }}", next: "{{ inputs.id + 1 }}", typed: { type: number, value: "{{ inputs.id }}" } }
`,
    );
    const ran = await cli(['run', 'w.yml', '-i', `id=${ID}`, '--input-file', 'inputs.json', '--format', 'json'], { folder });
    expect(reportOf(ran).outputs).toEqual({ id: 9223372036854775807n, next: ID + 1n, typed: ID });
    expect(requests).toEqual([
      `GET /t/${ID}?c=-9007199254740993&list=${ID}&n=12345678901234567890 -9007199254740993`,
      'POST /p  {"id":9223372036854775807,"c":{"c":-9007199254740993},"n":12345678901234567890}',
      'POST /f  id=9223372036854775807',
    ]);
  });

  test('in conditions, loops, switches and calls of other workflows', async () => {
    const folder = project(
      `    - { name: same, if: "alert.id == ${ID}", provider: { type: mock } }
    - { name: other, if: "alert.id == ${ID - 1n} || {{ alert.id }} < ${ID}", provider: { type: mock } }
    - { name: each, foreach: "{{ alert.ids }}", if: "{{ foreach.value }} in [${ID}]", provider: { type: mock, with: { output: "{{ foreach.value }}" } } }
    - name: chosen
      switch: "{{ alert.id }}"
      cases: { ${ID - 1n}: [${mock('wrong', 'x').trim().slice(2)}], ${ID}: [${mock('right', 'y').trim().slice(2)}] }
    - { name: called, provider: { type: workflow, with: { file: called.yml, inputs: { id: "{{ alert.id }}" } } } }
`,
      {
        'called.yml': `workflow:\n  id: called\n  inputs: [{ name: id, type: number }]\n  steps:\n${mock('a', '{{ inputs.id }}')}  outputs: { id: "{{ steps.a.results }}" }\n`,
        'a.json': `{"id":${ID},"ids":[${ID - 1n},${ID},3]}`,
      },
    );
    const { steps } = reportOf(await cli([...args, 'a.json'], { folder }));
    expect([steps.same.status, steps.other.status]).toEqual(['succeeded', 'skipped']);
    expect(steps.each.results).toEqual([null, ID, null]);
    expect(steps.chosen.results).toEqual({ wrong: null, right: 'y' });
    expect(steps.called.results).toEqual({ id: ID });
  });

  test('in a run that another process goes on with, in its history, and in a signal', async () => {
    const folder = project(
      `${mock('before', '{{ alert.ticket.id }}')}    - { name: ask, provider: { type: wait, with: { signal: go } } }
    - { name: after, if: "steps.before.results == alert.ticket.id", provider: { type: mock, with: { output: ["{{ steps.before.results }}", "{{ steps.ask.results.signal }}"] } } }
`,
      { 'a.json': alert },
    );
    expect((await cli([...args, 'a.json', '--run-id', 'r'], { folder })).code).toBe(4);
    await cli(['runs', 'signal', 'r', 'go', '--data', `{"id":${ID}}`], { folder });
    const resumed = await cli(['runs', 'resume', 'r', '--format', 'json'], { folder });
    expect(reportOf(resumed).steps.after.results).toEqual([ID, { id: ID }]);
    expect((await cli(['runs', 'show', 'r'], { folder })).stdout).toContain(`results: [${ID},{"id":${ID}}]`);
    const again = await cli(['runs', 'rerun', 'r', '--from', 'after', '--format', 'json'], { folder });
    expect(reportOf(again).steps.after.results).toEqual([ID, { id: ID }]);
  });

  test("in a model's answer, in the arguments of its functions, and in what these tell it", async () => {
    const schema = `{ type: object, properties: { id: { type: integer, enum: [${ID}] } }, required: [id], additionalProperties: false }`;
    const tool =
      '{ function: look, description: Looks up, parameters: { type: object, properties: { id: { type: integer } }, required: [id] }';
    const folder = project(
      `    - name: ask
      provider:
        type: openaiassistant
        with:
          model: gpt-6-luna
          prompt: "About {{ alert.ticket.id }}"
          tools: [${tool}, provider: { type: http, with: { url: "${url}/look/{{ args.id }}" } } }]
          response_format: { schema: ${schema} }
`,
      { 'a.json': alert },
    );
    const emulator = await startCheckedEmulator({
      rules: [
        { when: { tool_output: '9223372036854775807' }, json: { id: ID } },
        { when: { prompt: String(ID) }, tool_calls: [{ name: 'look', arguments: { id: ID } }] },
      ],
    });
    requests.length = 0;
    try {
      const env = { OPENAI_API_KEY: 'sk-test-digits', OPENAI_BASE_URL: emulator.url };
      const { steps } = reportOf(await cli([...args, 'a.json'], { folder, env }));
      expect(steps.ask).toMatchObject({ status: 'succeeded', error: null });
      expect(steps.ask.results.response).toEqual({ id: ID });
      expect(steps.ask.results.tool_calls).toMatchObject([{ arguments: { id: ID }, error: null }]);
      expect(requests).toEqual([`GET /look/${ID}`]);
      expect(JSON.stringify(emulator.requests)).toContain(`"enum":[${ID}]`);
    } finally {
      await emulator.close();
    }
  });
});

describe('a number beyond 1.8e308 is an error, and never null', () => {
  test('in an alert, with its place', async () => {
    const folder = project(mock('a', 'x'), { 'a.json': '{"name":"disk",\n "size": 1e400}' });
    const { code, stderr } = await cli(['run', 'w.yml', '--alert', 'a.json'], { folder });
    expect([code, stderr]).toEqual([2, expect.stringContaining('a.json:2:10')]);
    expect(stderr).toContain('`1e400` is beyond 1.8e308');
  });

  test('in a workflow, with its place', async () => {
    const folder = project(mock('a', '{{ consts.c }}'), {}, '  consts: { c: 1e400, d: .inf }\n');
    const { code, stdout, stderr } = await cli(['validate', 'w.yml'], { folder });
    expect(code).toBe(2);
    expect(stdout + stderr).toMatch(/w\.yml:3:\d+.*`1e400`.*w\.yml:3:\d+.*`\.inf`/s);
  });

  test('in an HTTP answer, with its path', async () => {
    const folder = project(`    - { name: get, provider: { type: http, with: { url: "${url}/infinite" } } }\n`);
    const { steps } = reportOf(await cli(['run', 'w.yml', '--format', 'json'], { folder }));
    expect(steps.get.error).toMatchObject({ code: 'number_out_of_range', message: expect.stringContaining('`items.0.id`') });
  });
});
