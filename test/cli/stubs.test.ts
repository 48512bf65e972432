import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { cli, type Files } from '../support/cli.ts';

const workflow = (steps: string, rest = '') => `workflow:\n  id: w\n${rest}  steps:\n${steps.replace(/^(?=.)/gm, '    ')}`;

const PODS = workflow(`- name: says
  provider: { type: console, with: { message: it began } }
- name: get-pods
  provider: { type: openshift, with: { namespace: prod } }
- name: notify
  foreach: "{{ steps.get-pods.results.pods }}"
  provider: { type: slack, with: { message: "{{ foreach.value.name }}" } }
- name: file
  if: "{{ steps.notify.status }} == 'succeeded'"
  provider: { type: jira, with: { summary: pods } }
`);

const run = async (text: string, stubs: string, { args = [], files = {}, env = {} }: RunOptions = {}) => {
  const result = await cli(['run', 'w.yml', '--stubs', 's.yml', '--format', 'json', ...args], {
    files: { 'w.yml': text, 's.yml': stubs, ...files },
    env,
  });
  return { ...result, document: result.stdout === '' ? undefined : JSON.parse(result.stdout) };
};
interface RunOptions {
  args?: string[];
  files?: Files;
  env?: Record<string, string>;
}

describe('providers that are not installed', () => {
  test("one of Keep's is a warning with what to do, and validates", async () => {
    const { code, stdout, stderr } = await cli(['validate', 'w.yml'], { files: { 'w.yml': PODS } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '1 workflow: 0 errors, 3 warnings\n' });
    expect(stdout).toContain("w.yml:7:25 warning provider-not-installed: provider `openshift` is one of Keep's");
    expect(stdout).toMatch(/`http`.*provider folder.*`--stubs`/);
  });

  test('so is a part of one: github.stars', async () => {
    const text = workflow('- name: stars\n  provider: { type: github.stars }\n');
    const { code, stdout } = await cli(['validate', 'w.yml'], { files: { 'w.yml': text } });
    expect(code).toBe(0);
    expect(stdout).toContain('provider-not-installed');
  });

  test('a part of one that is installed is nothing that anybody knows: http.foo', async () => {
    const text = workflow('- name: a\n  provider: { type: http.foo }\n');
    const { code, stdout } = await cli(['validate', 'w.yml'], { files: { 'w.yml': text } });
    expect(code).toBe(2);
    expect(stdout).toContain('unknown-provider: there is no provider `http.foo`');
    const stubbed = await run(text, 'stubs: { steps: { a: { results: 1 } } }');
    expect(stubbed.document.steps.a.results).toBe(1);
  });

  test('one that nobody knows is an error, which names the nearest that is known', async () => {
    const text = workflow('- name: a\n  provider: { type: slakc }\n');
    const { code, stdout } = await cli(['validate', 'w.yml'], { files: { 'w.yml': text } });
    expect(code).toBe(2);
    expect(stdout).toContain('unknown-provider: there is no provider `slakc`\n');
    expect(stdout).toContain('Did you mean `slack`?');
  });

  test('a run that would reach one ends before its first step, with exit code 3 and every such step', async () => {
    const { code, stdout, stderr } = await cli(['run', 'w.yml'], { files: { 'w.yml': PODS } });
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).not.toContain('it began');
    expect(stderr).toContain('w.yml:7:25: step `get-pods` calls `openshift`');
    expect(stderr).toContain('w.yml:10:25: step `notify` calls `slack`');
    expect(stderr).toContain('w.yml:13:25: step `file` calls `jira`');
    expect(stderr).toContain('--stubs-init');
  });

  test('groups, handlers, functions of assistants and called workflows are looked through', async () => {
    const text = workflow(
      `- name: group
  parallel:
    - name: inner
      provider: { type: zoom }
- name: triage
  provider:
    type: openaiassistant
    with:
      prompt: hello
      tools: [{ function: deploys, description: lists them, provider: { type: argocd } }]
- name: calls
  provider: { type: workflow, with: { file: inner.yml, alert: null, incident: null } }
`,
      '  on-failure: { provider: { type: discord } }\n  finally: [{ name: last, provider: { type: trello } }]\n',
    );
    const inner = workflow('- name: deep\n  provider: { type: twilio }\n');
    const { code, stderr } = await cli(['run', 'w.yml'], { files: { 'w.yml': text, 'inner.yml': inner } });
    expect(code).toBe(3);
    for (const line of [
      'step `inner` calls `zoom`',
      'step `triage/deploys` calls `argocd`',
      'step `on-failure` calls `discord`',
      'step `last` calls `trello`',
      'inner.yml:5:25: step `deep` calls `twilio`',
    ])
      expect(stderr).toContain(line);
  });
});

describe('--stubs', () => {
  const STUBS = `stubs:
  steps:
    get-pods: { results: { pods: [{ name: a }, { name: b }] } }
  types:
    slack: { results: { ok: true, text: "sent {{ params.message }}", params: "{{ params }}", item: "{{ item }}" } }
  default: { results: { id: 7 } }
`;

  test('answers by step, by type and by default, with templates over the parameters; the report has every call', async () => {
    const { code, document, stderr } = await run(PODS, STUBS);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const sent = (name: string, item: number) => ({ ok: true, text: `sent ${name}`, params: { message: name }, item });
    expect(document.steps.notify.results).toEqual([sent('a', 0), sent('b', 1)]);
    expect(document.steps.file.results).toEqual({ id: 7 });
    expect(document.calls).toEqual([
      { step: 'says', provider: 'console', params: { message: 'it began' }, stubbed: false, results: 'it began' },
      {
        step: 'get-pods',
        provider: 'openshift',
        params: { namespace: 'prod' },
        stubbed: true,
        results: { pods: [{ name: 'a' }, { name: 'b' }] },
      },
      { step: 'notify', item: 0, provider: 'slack', params: { message: 'a' }, stubbed: true, results: sent('a', 0) },
      { step: 'notify', item: 1, provider: 'slack', params: { message: 'b' }, stubbed: true, results: sent('b', 1) },
      { step: 'file', provider: 'jira', params: { summary: 'pods' }, stubbed: true, results: { id: 7 } },
    ]);
  });

  test('the progress says what was stubbed', async () => {
    const { stderr } = await cli(['run', 'w.yml', '--stubs', 's.yml'], { files: { 'w.yml': PODS, 's.yml': STUBS } });
    expect(stderr).toContain('stubbed: nothing real was called for openshift, slack, jira\n');
    expect(stderr).toContain('→ slack({"message":"a"})  stubbed');
  });

  test('covers an unknown type, so that it is no mistake', async () => {
    const text = workflow('- name: a\n  provider: { type: our-crm, with: { any: [1] } }\n');
    expect((await run(text, 'stubs: { types: { our-crm: { results: 1 } } }')).document.steps.a.results).toBe(1);
    const { code } = await cli(['validate', 'w.yml', '--stubs', 's.yml'], {
      files: { 'w.yml': text, 's.yml': 'stubs: { steps: { a: { results: 1 } } }' },
    });
    expect(code).toBe(0);
  });

  test('a list has one answer for each call, and errors that retry sees', async () => {
    const text = workflow('- name: flaky\n  retry: { attempts: 3, delay: 0 }\n  provider: { type: slack }\n');
    const { code, document } = await run(
      text,
      'stubs: { steps: { flaky: [{ error: { code: server_error, message: down } }, { results: ok }] } }',
    );
    expect(code).toBe(0);
    expect(document.steps.flaky).toMatchObject({ results: 'ok', attempts: 2 });
    expect(document.calls).toEqual([
      {
        step: 'flaky',
        provider: 'slack',
        params: {},
        stubbed: true,
        error: { code: 'server_error', message: 'down', hint: null },
      },
      { step: 'flaky', provider: 'slack', params: {}, stubbed: true, results: 'ok' },
    ]);
  });

  test('an error is step_failed when it names no code, and is not tried again unless it says so', async () => {
    const text = workflow('- name: a\n  retry: { attempts: 2, delay: 0 }\n  provider: { type: slack }\n');
    const { code, document } = await run(text, 'stubs: { default: { error: { message: broken } } }');
    expect({ code, step: document.steps.a }).toMatchObject({
      code: 1,
      step: { attempts: 1, error: { code: 'step_failed', message: 'broken' } },
    });
    const again = await run(text, 'stubs: { default: { error: { message: broken, retryable: true } } }');
    expect(again.document.steps.a.attempts).toBe(2);
  });

  test('an installed provider under a stub checks its parameters and needs no credentials', async () => {
    const text = workflow(`- name: a
  provider: { type: openaiassistant, with: { prompt: hello } }
- name: b
  provider: { type: http, with: { url: "https://example.com", timeout: "{{ steps.a.results }}" } }
`);
    const { code, document } = await run(text, 'stubs: { steps: { a: { results: [never] }, b: { results: 1 } } }');
    expect(code).toBe(1);
    expect(document.steps.a.status).toBe('succeeded');
    expect(document.steps.b.error.code).toBe('invalid_params');
  });

  test('steps inside of groups and of called workflows go by their own names', async () => {
    const text = workflow(`- name: each
  foreach: [1, 2]
  steps:
    - name: inner
      provider: { type: zoom }
- name: calls
  provider: { type: workflow, with: { file: inner.yml, alert: null, incident: null } }
`);
    const inner = workflow('- name: deep\n  provider: { type: twilio }\n');
    const stubs = 'stubs: { steps: { inner: [{ results: a }, { results: b }], deep: { results: c } } }';
    const { code, document } = await run(text, stubs, { files: { 'inner.yml': inner } });
    expect(code).toBe(0);
    const stubbed = document.calls.filter((call: { stubbed: boolean }) => call.stubbed);
    expect(stubbed.map(({ step, results }: { step: string; results: string }) => [step, results])).toEqual([
      ['each[0]/inner', 'a'],
      ['each[1]/inner', 'b'],
      ['calls/deep', 'c'],
    ]);
  });

  test('what comes in from the parameters stays data', async () => {
    const text = workflow('- name: a\n  provider: { type: slack, with: { message: "{{ alert.name }}" } }\n');
    const { document } = await run(text, 'stubs: { default: { results: "{{ params.message }}" } }', {
      args: ['--alert', 'a.json'],
      files: { 'a.json': JSON.stringify({ name: '{{ params }} {{#each x}}' }) },
    });
    expect(document.steps.a.results).toBe('{{ params }} {{#each x}}');
  });

  test('secrets are masked, and need not be set for what is stubbed', async () => {
    const text = workflow('- name: a\n  provider: { type: slack, with: { token: "{{ secrets.TOKEN }}" } }\n');
    const stubs = 'stubs: { default: { results: "got {{ params.token }}" } }';
    const { stdout, document } = await run(text, stubs, { env: { TOKEN: 'hunter2hunter2' } });
    expect(stdout).not.toContain('hunter2');
    expect(document.calls[0]).toMatchObject({ params: { token: '***' }, results: 'got ***' });
    expect((await run(text, stubs)).code).toBe(0);
  });

  test('a secret that is not set never reaches a real provider', async () => {
    const text = workflow(`- name: real
  provider: { type: mock, with: { output: "{{ secrets.TOKEN }}" } }
- name: stubbed
  provider: { type: slack }
`);
    const { code, document } = await run(text, 'stubs: { default: { results: 1 } }');
    expect(code).toBe(3);
    expect(document.steps.real.error).toMatchObject({ code: 'missing_credentials', message: 'A secret is not set: `TOKEN`.' });
  });
});

describe('mistakes in a stub file', () => {
  test.each([
    ['a key', 'stubs:\n  step: {}\n', 's.yml:2:3: unknown key `step`. Did you mean `steps`?'],
    ['an answer', 'stubs:\n  default: { result: 1 }\n', 's.yml:2:14: unknown key `result`. Did you mean `results`?'],
    ['a code', 'stubs:\n  default: { error: { code: srver_error, message: x } }\n', 'Did you mean `server_error`?'],
    ['a step', 'stubs:\n  steps:\n    get-pod: { results: 1 }\n', 's.yml:3:5: the workflow has no step'],
    [
      'a type',
      'stubs:\n  types:\n    slak: { results: 1 }\n',
      's.yml:3:5: the workflow has no provider `slak`. Did you mean `slack`?',
    ],
    ['neither', 'stubs:\n  default: {}\n', 's.yml:2:3: a stub has either `results` or `error`'],
    ['both', 'stubs:\n  default: { results: 1, error: { message: x } }\n', 'a stub has either `results` or `error`'],
    [
      'a root',
      'stubs:\n  default: { results: "a {{ alert.x }}" }\n',
      's.yml:2:29: a stub cannot read `alert`. It reads `params`',
    ],
    ['a template', 'stubs:\n  default: { results: "{{ params. }}" }\n', 's.yml:2:34: The expression ends'],
    ['nothing', '', 's.yml:1:1'],
  ])('%s: said with its place, before anything runs', async (_, stubs, message) => {
    const { code, stdout, stderr } = await run(PODS, stubs);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain(message);
  });

  test('a name that cannot be a key is left out, and that is said', async () => {
    const { code, stderr } = await run(
      PODS,
      'stubs:\n  steps:\n    constructor: { results: 1 }\n  default: { results: { pods: [] } }\n',
    );
    expect(code).toBe(0);
    expect(stderr).toBe('warning: s.yml:3:5: `constructor` cannot be a key: it is left out\n');
  });

  test('validate says them too', async () => {
    const files = { 'w.yml': PODS, 's.yml': 'stubs: { steps: { get-pod: { results: 1 } }, default: { results: 1 } }' };
    const { code, stderr } = await cli(['validate', 'w.yml', '--stubs', 's.yml'], { files });
    expect(code).toBe(3);
    expect(stderr).toContain('Did you mean `get-pods`?');
  });
});

describe('--stubs-init', () => {
  test('makes the folder that it writes into', async () => {
    const { code, folder } = await cli(['run', 'w.yml', '--stubs-init', 'new/deep/s.yml'], { files: { 'w.yml': TEXT } });
    expect(code).toBe(0);
    expect(readFileSync(join(folder, 'new/deep/s.yml'), 'utf8')).toContain('stubs:');
  });

  test('has the keys that only `fingerprint_fields` names', async () => {
    const text = `workflow:
  id: w
  steps:
    - name: metrics
      provider: { type: prometheus, with: { query: up } }
    - name: make
      provider: { type: keep, with: { alert: { name: down }, fingerprint_fields: [labels.host, service] } }
`;
    const { folder } = await cli(['run', 'w.yml', '--stubs-init', 's.yml'], { files: { 'w.yml': text } });
    expect(readFileSync(join(folder, 's.yml'), 'utf8')).toMatch(/- labels:\n +host: .*\n +service: /);
  });

  const TEXT = workflow(
    `- name: get-pods
  provider: { type: openshift }
- name: rows
  provider: { type: mysql }
- name: notify
  foreach: "{{ steps.get-pods.results.pods }}"
  provider: { type: slack, with: { message: "{{ foreach.value.name }} {{ foreach.value.owner.mail }}" } }
- name: group
  foreach: "{{ steps.rows.results }}"
  steps:
    - name: inner
      provider: { type: jira, with: { text: "{{ foreach.value[2] }}" } }
- name: unknown
  provider: { type: our-crm }
- name: says
  provider:
    type: console
    with: { message: "{{ steps.notify.results[0].ts }} {{ steps.group.results[0].inner.key }} {{#each steps.unknown.results.rows}}{{ id }}{{/each}}" }
`,
  );

  test('writes stubs with which the workflow runs, and runs nothing itself', async () => {
    const { code, stdout, stderr, folder } = await cli(['run', 'w.yml', '--stubs-init', 's.yml'], { files: { 'w.yml': TEXT } });
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: '',
      stderr: 'wrote s.yml: threadline run w.yml --stubs s.yml\n',
    });
    const text = readFileSync(join(folder, 's.yml'), 'utf8');
    expect(text).toContain('threadline run w.yml --stubs s.yml');
    expect(text).not.toContain('says');
    const result = await cli(['run', 'w.yml', '--stubs', 's.yml', '--format', 'json'], { folder });
    expect({ code: result.code, stderr: result.stderr }).toEqual({ code: 0, stderr: '' });
    const { calls } = JSON.parse(result.stdout);
    expect(calls.map((call: { results: unknown }) => call.results)).toEqual([
      { pods: [{ name: '…', owner: { mail: '…' } }] },
      [['…', '…', '…']],
      { ts: '…' },
      { key: '…' },
      { rows: [] },
      '… … ',
    ]);
  });

  test.each([
    ['at the end', ['run', 'sub/w.yml', '--stubs-init']],
    ['before another option', ['run', 'sub/w.yml', '--stubs-init', '--quiet']],
  ])('without a name, %s: beside the workflow, by its name', async (_, args) => {
    const { code, stderr, folder } = await cli(args, { files: { 'sub/w.yml': TEXT } });
    const message = 'wrote sub/w.stubs.yaml: threadline run sub/w.yml --stubs sub/w.stubs.yaml\n';
    expect({ code, stderr }).toEqual({ code: 0, stderr: message });
    const result = await cli(['run', 'sub/w.yml', '--stubs', 'sub/w.stubs.yaml', '--format', 'json'], { folder });
    expect(result.code).toBe(0);
    const again = await cli(args, { folder });
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('No stubs can be written to `sub/w.stubs.yaml`: it is there already.');
  });

  test("what is read by name says more of results than the fields of a provider's own items", async () => {
    const text = workflow(`- name: fetch
  provider: { type: webhook }
- name: alerts
  foreach: "{{ steps.fetch.results.body.ids }}"
  provider: { type: keep, with: { version: 2, filter: 'id == "{{ foreach.value }}"' } }
`);
    const { folder } = await cli(['run', 'w.yml', '--stubs-init', 's.yml'], { files: { 'w.yml': text } });
    const { code, stdout } = await cli(['run', 'w.yml', '--stubs', 's.yml', '--format', 'json'], { folder });
    expect(code).toBe(0);
    expect(JSON.parse(stdout).steps.fetch.results).toEqual({ body: { ids: ['…'] } });
  });

  test('a workflow is never taken for the name of its stubs', async () => {
    const { code, stderr, folder } = await cli(['run', '--stubs-init', 'w.yml'], { files: { 'w.yml': TEXT } });
    expect(code).toBe(2);
    expect(stderr).toContain('`run` needs a file');
    expect(readFileSync(join(folder, 'w.yml'), 'utf8')).toBe(TEXT);
  });

  test('overwrites nothing', async () => {
    const files = { 'w.yml': TEXT, 's.yml': 'mine' };
    const { code, stderr, folder } = await cli(['run', 'w.yml', '--stubs-init', 's.yml'], { files });
    expect(code).toBe(2);
    expect(stderr).toContain('No stubs can be written to `s.yml`: it is there already.');
    expect(readFileSync(join(folder, 's.yml'), 'utf8')).toBe('mine');
  });

  test('a workflow with mistakes gets none', async () => {
    const files = { 'w.yml': TEXT.replace('foreach.value.name', 'foreech.value.name') };
    const { code, folder } = await cli(['run', 'w.yml', '--stubs-init', 's.yml'], { files });
    expect({ code, isThere: existsSync(join(folder, 's.yml')) }).toEqual({ code: 2, isThere: false });
  });
});

describe('--dry-run', () => {
  test('nothing leaves the machine; the report lists the calls as they would have been made', async () => {
    let requests = 0;
    const server = createServer((_, response) => {
      requests++;
      response.end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const text = workflow(`- name: a
  provider: { type: http, with: { method: POST, url: "http://127.0.0.1:${port}/x", body: { n: "{{ inputs.n }}" } } }
- name: b
  provider: { type: slack, with: { message: hello } }
`).replace('  steps:', '  inputs: [{ name: n, type: number }]\n  steps:');
    const files = { 'w.yml': text, 'threadline.config.yaml': 'http: { allow_hosts: [127.0.0.1] }\n' };
    const { code, stdout, folder } = await cli(['run', 'w.yml', '--dry-run', '--format', 'json', '-i', 'n=3'], { files });
    expect(code).toBe(0);
    expect(requests).toBe(0);
    expect(JSON.parse(stdout).calls).toEqual([
      {
        step: 'a',
        provider: 'http',
        params: { method: 'POST', url: `http://127.0.0.1:${port}/x`, body: { n: 3 } },
        stubbed: true,
        results: null,
      },
      { step: 'b', provider: 'slack', params: { message: 'hello' }, stubbed: true, results: null },
    ]);
    const real = await cli(['run', 'w.yml', '--format', 'json', '-i', 'n=3'], { folder });
    expect({ code: real.code, requests }).toEqual({ code: 3, requests: 0 });
    server.close();
  });

  test('with --stubs: they answer what they cover; what is local runs, and the rest is made up', async () => {
    const { code, document } = await run(PODS, 'stubs: { steps: { get-pods: { results: { pods: [{ name: a }] } } } }', {
      args: ['--dry-run'],
    });
    expect(code).toBe(0);
    expect(document.calls.map((call: { step: string; results: unknown }) => [call.step, call.results])).toEqual([
      ['says', 'it began'],
      ['get-pods', { pods: [{ name: 'a' }] }],
      ['notify', null],
      ['file', null],
    ]);
  });
});
