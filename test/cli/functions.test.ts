import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { startCli } from '../support/cli.ts';

/** A CI server that knows deploys; answers when it is told to. */
const asked: string[] = [];
let letAnswer: () => void = () => undefined;
const mayAnswer = new Promise<void>((resolve) => {
  letAnswer = resolve;
});
const server = createServer(async (request, response) => {
  asked.push(request.url ?? '');
  await mayAnswer;
  response.setHeader('content-type', 'application/json').end(JSON.stringify([{ version: 'v241' }]));
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const FILES = {
  'threadline.config.yaml': 'http: { allow_hosts: [127.0.0.1] }\n',
  'alert.json': '{"service": "check out&x=1"}',
  'triage.yml': `workflow:
  id: triage
  triggers: [{ type: alert }]
  steps:
    - name: triage
      provider:
        type: openaiassistant
        with:
          model: any
          prompt: "What of {{ alert.service }}?"
          response_format: json_object
          tools:
            - function: recent_deploys
              parameters: { type: object, properties: { service: { type: string } }, required: [service] }
              provider: { type: http, with: { url: "http://127.0.0.1:${port}/deploys?service={{ args.service }}" } }
              result: "{{ args.service }}: {{ result.0.version }}"
`,
  'triage.rules.yml': `rules:
  - when: { tool_output: v241 }
    json: { suspect: v241 }
  - when: { prompt: "/./" }
    tool_calls: [{ name: recent_deploys, arguments: { service: "check out&x=1" } }]
`,
};

test('F9 F10 W4 W6: a function is an http step, of whose answer `result` tells the model a part; its call is shown while it runs and stands in the results', async () => {
  const run = startCli(['run', 'triage.yml', '--alert', 'alert.json', '--offline', '--format', 'jsonl'], { files: FILES });
  await run.says('"type":"tool-started"');
  letAnswer();
  const { stdout, code } = await run.ended;
  expect(code).toBe(0);
  expect(asked).toEqual(['/deploys?service=check%20out%26x%3D1']);
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; [key: string]: unknown });
  expect(events.find(({ type }) => type === 'tool-started')).toMatchObject({
    step: 'triage',
    tool: 'recent_deploys',
    arguments: { service: 'check out&x=1' },
  });
  expect(events.find(({ type }) => type === 'step-ended')).toMatchObject({
    results: {
      response: { suspect: 'v241' },
      tool_calls: [
        {
          name: 'recent_deploys',
          arguments: { service: 'check out&x=1' },
          output: 'check out&x=1: v241',
          error: null,
        },
      ],
    },
  });
});

test('what `result` may read is checked before anything runs', async () => {
  const wrong = FILES['triage.yml'].replace('{{ result.0.version }}', '{{ reslut.0.version }}');
  const { code, stdout } = await startCli(['validate', 'triage.yml'], { files: { ...FILES, 'triage.yml': wrong } }).ended;
  expect([code, stdout]).toEqual([2, expect.stringMatching(/^triage\.yml:16:\d+ .*`reslut`.*Did you mean `result`/s)]);
});
