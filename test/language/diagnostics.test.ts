import { describe, expect, test } from '@jest/globals';
import { DIAGNOSTICS } from '../../src/language/diagnostic.ts';
import { lineOf, load, mistakes, mock, step, underlined } from './support.ts';

const SCHEMA = (schema: string) =>
  step(`provider:\n  type: openaiassistant\n  with:\n    prompt: x\n    model: m\n    response_format:\n      schema: ${schema}`);

/** One mistake each: what is written, the code, what is underlined, what helps. */
const CASES: [title: string, code: string, text: string, underlined: string, helps: RegExp][] = [
  // YAML itself
  ['a key twice', 'yaml', mock('a: 1\na: 2'), 'a', /remove or rename/],
  ['a tab', 'yaml', 'workflow:\n  id: x\n\tsteps: []\n', '\t', /spaces/],
  ['an open quote', 'yaml', mock('a: "open'), '', /quote/],
  ['a wrong indent', 'yaml', 'workflow:\n  id: x\n   name: y\n', '', /column|`:`/],
  ['text that starts with a brace', 'yaml', mock('a: {{ alert.x }}'), '', /quotes|"\{\{/],
  ['two documents', 'yaml', 'workflow:\n  id: x\n---\na: 1\n', '---', /one workflow/],
  ['no map', 'wrong-type', '- a\n- b\n', '- a', /`workflow:`/],
  ['an empty file', 'wrong-type', '', '', /`workflow:`/],
  // Keys
  [
    'steps beside workflow',
    'unknown-key',
    'workflow:\n  id: x\nsteps:\n  - name: a\n    provider: { type: mock }\n',
    'steps',
    /Indent/,
  ],
  ['a key beside workflow', 'unknown-key', 'workflow:\n  id: x\nfoo: 1\n', 'foo', /workflow/],
  ['no id', 'missing-key', 'workflow:\n  steps: []\n', 'workflow', /`id`/],
  [
    'parameters beside the provider',
    'unknown-key',
    'workflow:\n  id: x\n  steps:\n    - name: a\n      provider: { type: mock }\n      with: { a: 1 }\n',
    'with',
    /part of `provider:`/,
  ],
  [
    'a condition inside the provider',
    'unknown-key',
    'workflow:\n  id: x\n  steps:\n    - name: a\n      provider: { type: mock, if: alert.x }\n',
    'if',
    /beside `provider:`/,
  ],
  [
    'a trigger of no kind',
    'invalid-value',
    'workflow:\n  id: x\n  triggers: [{ type: alrt }]\n  steps: [{ name: a, provider: { type: mock } }]\n',
    'alrt',
    /`alert`/,
  ],
  [
    'cel beside filters',
    'keep-difference',
    mock('a: 1', '  triggers: [{ type: alert, cel: "a == 1", filters: [{ key: a, value: 1 }] }]\n'),
    'cel',
    /Keep looks at `filters` only/,
  ],
  ['no provider', 'missing-key', 'workflow:\n  id: x\n  steps:\n    - name: a\n', 'name: a', /`provider`/],
  ['a prototype key', 'unknown-key', mock('constructor: 1'), 'constructor', /left out/],
  // Names
  [
    'a step twice',
    'duplicate-name',
    'workflow:\n  id: x\n  steps:\n    - { name: a, provider: { type: mock } }\n    - { name: a, provider: { type: mock } }\n',
    'a',
    /`a`/,
  ],
  [
    'a step called as the handler',
    'duplicate-name',
    'workflow:\n  id: x\n  steps:\n    - { name: on-failure, provider: { type: mock } }\n  on-failure: { provider: { type: mock } }\n',
    'on-failure',
    /already/,
  ],
  [
    'an action of the same name as a step',
    'duplicate-name',
    'workflow:\n  id: x\n  steps:\n    - { name: a, provider: { type: mock } }\n  actions:\n    - { name: a, provider: { type: mock } }\n',
    'a',
    /`a`/,
  ],
  ['a name with a dot', 'invalid-value', step('provider: { type: mock }').replace('only', 'on.ly'), 'on.ly', /recent-deploys/],
  ['an unknown provider', 'unknown-provider', step('provider: { type: moc }'), 'moc', /`mock`/],
  ["a provider of Keep's", 'provider-not-installed', step('provider: { type: zoom }'), 'zoom', /`http`.*`--stubs`/],
  ['an unknown provider like none', 'unknown-provider', step('provider: { type: zzzzzzzz }'), 'zzzzzzzz', /console, http/],
  [
    'a parameter by another name',
    'provider-note',
    step('provider: { type: openaiassistant, with: { model: m, prompt: hi, max_tokens: 5 } }'),
    'max_tokens',
    /`max_completion_tokens` here/,
  ],
  ['a number that Keep drops', 'keep-ignores', mock('ratio: 0.2'), 'ratio', /Keep does not hand/],
  ['a provider of Keep that is not installed', 'provider-not-installed', step('provider: { type: jira }'), 'jira', /stubs/],
  ['permissions', 'keep-difference', mock('a: 1', '  permissions: [admin]\n'), 'permissions', /asks nobody/],
  // Keywords
  ['concurrency alone', 'invalid-value', step('concurrency: 3\nprovider: { type: mock }'), 'concurrency', /foreach/],
  ['on-error alone', 'invalid-value', step('on-error: stop\nprovider: { type: mock }'), 'on-error', /foreach/],
  [
    'both forms of retry',
    'invalid-value',
    step('retry: 2\non-failure: { retry: { count: 2 } }\nprovider: { type: mock }'),
    'on-failure',
    /keep one/,
  ],
  [
    'an error code that does not exist',
    'invalid-value',
    step('retry: { attempts: 2, on: [timeot] }\nprovider: { type: mock }'),
    'timeot',
    /`timeout`/,
  ],
  ['no duration', 'invalid-value', step('timeout: soon\nprovider: { type: mock }'), 'soon', /`30s`/],
  ['a negative number', 'invalid-value', step('timeout: -1\nprovider: { type: mock }'), '-1', /at least 0/],
  [
    'a wrong policy',
    'invalid-value',
    step('foreach: [1]\non-error: contineu\nprovider: { type: mock }'),
    'contineu',
    /`continue`/,
  ],
  ['if as a list', 'wrong-type', step('if: [a]\nprovider: { type: mock }'), '[a]', /text or true or false|text, true/],
  // Inputs
  ['a choice without options', 'invalid-value', mock('a: 1', '  inputs: [{ name: a, type: choice }]\n'), 'choice', /options/],
  [
    'a default that is not an option',
    'invalid-value',
    mock('a: 1', '  inputs: [{ name: a, type: choice, options: [prod, stage], default: prd }]\n'),
    'default',
    /`prod`/,
  ],
  [
    'options without choice',
    'invalid-value',
    mock('a: 1', '  inputs: [{ name: a, options: [x] }]\n'),
    'options',
    /`type: choice`/,
  ],
  [
    'a default of another type',
    'invalid-value',
    mock('a: 1', '  inputs: [{ name: a, type: number, default: x }]\n'),
    'default',
    /number/,
  ],
  // References
  ['an unknown step', 'unknown-step', mock('a: "{{ steps.onyl.results }}"'), 'steps.onyl.results', /`only`/],
  ['its own step', 'step-order', mock('a: "{{ steps.only.results }}"'), 'steps.only.results', /own/],
  ['an unknown input', 'unknown-name', mock('a: "{{ inputs.nope }}"'), 'inputs.nope', /inputs: \[\{ name: nope/],
  ['an unknown constant', 'unknown-name', mock('a: "{{ consts.nope }}"'), 'consts.nope', /consts: \{ nope/],
  ['a variable that is not listed', 'unknown-name', mock('a: "{{ env.HOME }}"'), 'env.HOME', /env: \[HOME\]/],
  ['an unknown field of the run', 'unknown-name', mock('a: "{{ run.idd }}"'), 'run.idd', /`id`/],
  [
    'a field of foreach',
    'unknown-name',
    step('foreach: [1]\nprovider: { type: mock, with: { a: "{{ foreach.vale }}" } }'),
    'foreach.vale',
    /`value`/,
  ],
  ['foreach outside foreach', 'unknown-root', mock('a: "{{ foreach.value }}"'), 'foreach.value', /has `foreach`/],
  [
    'foreach in its own list',
    'unknown-root',
    step('foreach: "{{ foreach.value }}"\nprovider: { type: mock }'),
    'foreach.value',
    /has `foreach`/,
  ],
  ['args outside a function', 'unknown-root', mock('a: "{{ args.x }}"'), 'args.x', /function/],
  ['a root that does not exist', 'unknown-root', mock('a: "{{ alrt.x }}"'), 'alrt.x', /`alert`/],
  ['a step without steps', 'unknown-root', mock('a: "{{ only.results }}"'), 'only.results', /`steps.only.results`/],
  ['the configurations as data', 'unknown-name', mock('a: "{{ providers.x.token }}"'), 'providers.x.token', /config/],
  [
    'an incident that no trigger fills',
    'unknown-root',
    mock('a: "{{ incident.x }}"', '  triggers: [{ type: alert }]\n'),
    'incident.x',
    /type: incident/,
  ],
  [
    'an alert that no trigger fills',
    'unknown-root',
    mock('a: "{{ event.x }}"', '  triggers: [{ type: incident }]\n'),
    'event.x',
    /type: alert/,
  ],
  [
    'constants in a circle',
    'invalid-value',
    mock('a: 1', '  consts: { a: "{{ consts.bb }}", bb: "{{ consts.a }}" }\n'),
    'a',
    /itself/,
  ],
  [
    'a constant that reads a step which has not run',
    'step-order',
    mock('a: "{{ consts.late }}"', '  consts: { late: "{{ steps.only.results }}" }\n'),
    'consts.late',
    /own results/,
  ],
  [
    'an alert in credentials',
    'unknown-root',
    mock('a: 1', '  providers: { x: { authentication: { token: "{{ alert.x }}" } } }\n'),
    'alert.x',
    /env, secrets, inputs/,
  ],
  // Templates and expressions
  ['an open tag', 'template', mock('a: "{{ alert.x"'), '', /./],
  ['an unknown function', 'function', step('if: siz(alert.x) > 1\nprovider: { type: mock }'), 'siz', /`size`/],
  ['a broken condition', 'expression', step('if: "1 +"\nprovider: { type: mock }'), '', /./],
  ['a Jinja filter', 'jinja', mock('a: "{{ alert.x | length }}"'), '| length', /\{\{/],
  ['a Jinja block', 'jinja', mock('a: "{% if alert.x %}y"'), '{% if alert.x %}', /#if/],
  // Safety
  [
    'data as a host',
    'untrusted-target',
    step('provider: { type: http, with: { url: "https://{{ alert.host }}/" } }'),
    'alert.host',
    /inputs, consts or env/,
  ],
  [
    'data as a file',
    'untrusted-target',
    step('provider: { type: openaiassistant, with: { prompt: x, model: m, assistant: "{{ alert.file }}" } }'),
    'alert.file',
    /inputs, consts or env/,
  ],
  [
    'a constant made of data as a host',
    'untrusted-target',
    step('provider: { type: http, with: { url: "{{ consts.base }}/x" } }', '  consts: { base: "https://{{ alert.host }}" }\n'),
    'consts.base',
    /inputs, consts or env/,
  ],
  [
    'data as a configuration',
    'untrusted-target',
    step('provider: { type: http, config: { base_url: "{{ alert.server }}" }, with: { url: /x } }'),
    'alert.server',
    /inputs, consts or env/,
  ],
  [
    'data that chooses a configuration',
    'invalid-value',
    step('provider: { type: http, config: "{{ alert.which }}", with: { url: "https://a.b" } }'),
    '"{{ alert.which }}"',
    /providers.NAME/,
  ],
  ['an OpenAI key', 'secret-in-clear', mock('a: sk-abcdefghijklmnopqrstuvwx'), 'sk-abcdefghijklmnopqrstuvwx', /secrets.NAME/],
  [
    'a GitHub token',
    'secret-in-clear',
    mock('a: { b: [ghp_abcdefghijklmnopqrstuvwxyz0123] }'),
    'ghp_abcdefghijklmnopqrstuvwxyz0123',
    /secrets.NAME/,
  ],
  // Files
  [
    'a file that is not there',
    'missing-file',
    step('provider: { type: openaiassistant, with: { prompt: x, assistant: no.yml } }'),
    'no.yml',
    /looked for/,
  ],
  [
    'a folder as a file',
    'missing-file',
    step('provider: { type: openaiassistant, with: { prompt: x, assistant: . } }'),
    '.',
    /is not a file/,
  ],
  [
    'a file outside',
    'missing-file',
    step('provider: { type: openaiassistant, with: { prompt: x, assistant: /etc/passwd } }'),
    '/etc/passwd',
    /working folder/,
  ],
  // JSON Schemas that users write
  ['a type that does not exist', 'invalid-value', SCHEMA('{ type: strng }'), 'strng', /`string`/],
  ['a word that does not exist', 'invalid-value', SCHEMA('{ type: object, requierd: [a] }'), '', /`required`/],
  [
    'a required key without property',
    'invalid-value',
    SCHEMA('{ type: object, properties: { severity: {} }, required: [sevrity] }'),
    'sevrity',
    /`severity`/,
  ],
  ['a schema nested in a schema', 'invalid-value', SCHEMA('{ type: array, items: { typ: string } }'), '', /`type`/],
];

describe('validate finds', () => {
  test.each(CASES)('%s: %s', async (_, code, text, piece, helps) => {
    const found = await mistakes(text);

    expect(found.map((one) => one.code)).toContain(code);
    const [mistake] = found;
    if (!mistake) throw new Error('nothing was found');
    expect(mistake.code).toBe(code);
    expect(lineOf(mistake)).toMatch(helps);
    if (piece !== '') expect(underlined(mistake, text)).toBe(piece);
    // One mistake, one diagnostic; a YAML error may well be seen from two sides.
    if (code !== 'yaml') expect(found.map(lineOf)).toHaveLength(1);
  });

  test('every kind of mistake that there is', () => {
    // Those that take more than one file: below, and in test/provider/strangers.test.ts.
    const covered = new Set<string>([...CASES.map(([, code]) => code), 'invalid-file', 'broken-provider']);
    expect(Object.keys(DIAGNOSTICS).filter((code) => !covered.has(code))).toEqual([]);
  });
});

const ASSISTANT = step('provider: { type: openaiassistant, with: { prompt: x, assistant: sre.yml } }');

describe('a mistake in a file that the workflow names', () => {
  test.each([
    ['an unknown key', { 'sre.yml': 'model: m\ninstuctions: hi\n' }, '2', 'invalid-file', /instuctions.*`instructions`/],
    ['a wrong type', { 'sre.yml': 'model: m\ntemperature: hot\n' }, '2', 'invalid-file', /number/],
    ['broken YAML', { 'sre.yml': 'model: m\nmodel: n\n' }, '2', 'yaml', /unique/],
    ['a schema', { 'sre.yml': 'model: m\nresponse_format: { schema: { type: strng } }\n' }, '2', 'invalid-file', /`string`/],
  ])('is shown there: %s', async (_, files, line, code, message) => {
    const found = await mistakes(ASSISTANT, files);
    expect(found).toHaveLength(1);
    expect(found[0]?.place.file).toMatch(/sre\.yml$/);
    expect(found[0]).toMatchObject({ code });
    expect(found.map((one) => String(one.place.line))).toEqual([line]);
    expect(found.map(lineOf).join()).toMatch(message);
  });

  test('is shown there: a JSON Schema file (F13)', async () => {
    const schema = '{\n  "type": "object",\n  "properties": { "a": { "type": "strng" } },\n  "requierd": ["a"]\n}\n';
    const found = await mistakes(SCHEMA('verdict.json'), { 'verdict.json': schema });
    expect(found.map(lineOf)).toEqual([
      expect.stringMatching(/^3:34 invalid-file .*`string`/),
      expect.stringMatching(/^4:\d+ invalid-file .*`requierd`.*`required`/),
    ]);
  });

  test('has its text at hand, for the caret', async () => {
    const { sources, diagnostics } = await load(ASSISTANT, { 'sre.yml': 'model: m\ninstuctions: hi\n' });
    expect(sources.get(diagnostics[0]?.place.file ?? '')).toContain('instuctions');
  });
});

describe('validate lets through', () => {
  test.each([
    [
      'parameters that are templates, whatever their type',
      step(
        'provider: { type: http, with: { url: "https://a.b", verify: "{{ alert.v }}", method: "{{ alert.m }}", max_bytes: "{{ alert.n }}" } }',
      ),
    ],
    ['an alert in a workflow without triggers', mock('a: "{{ alert.x }} {{ incident.y }}"')],
    ['a URL whose path is data', step('provider: { type: http, with: { url: "https://a.b/{{ alert.x }}?q={{ alert.y }}" } }')],
    [
      'a URL whose host is an input',
      step('provider: { type: http, with: { url: "{{ inputs.base }}/x" } }', '  inputs: [{ name: base }]\n'),
    ],
    [
      'a literal foreach that chooses hosts',
      step('foreach: [a, b]\nprovider: { type: http, with: { url: "https://{{ foreach.value }}/" } }'),
    ],
    [
      'step names with dashes',
      'workflow:\n  id: x\n  steps:\n    - { name: a-b, provider: { type: mock } }\n    - { name: c, if: "steps.a-b.results == 1", provider: { type: mock } }\n',
    ],
    ["Keep's older wrapper", 'alert:\n  id: x\n  steps: [{ name: a, provider: { type: mock } }]\n'],
    ['a file without wrapper', 'id: x\nsteps: [{ name: a, provider: { type: mock } }]\n'],
    [
      'merge keys and aliases',
      'workflow:\n  id: x\n  consts: { base: &b { type: mock } }\n  steps: [{ name: a, provider: *b }, { name: c, provider: { <<: *b } }]\n',
    ],
  ])('%s', async (_, text) => {
    expect((await mistakes(text)).map(lineOf)).toEqual([]);
  });

  test('but checks the references in such parameters, lists and maps included', async () => {
    const text = step(
      'provider:\n  type: http\n  with:\n    url: https://a.b\n    verify: "{{ stps.x }}"\n    query: { a: ["{{ alrt.x }}"] }\n    json: [{ b: ["{{ steps.nope.results }}"] }]',
    );
    expect((await mistakes(text)).map((one) => one.code)).toEqual(['unknown-root', 'unknown-root', 'unknown-step']);
  });

  test('and checks the shape of what stands around them', async () => {
    const text = step(
      'provider: { type: http, with: { url: "{{ inputs.u }}", query: { a: { b: "{{ alert.x }}" } }, timeout: ["{{ alert.t }}"] } }',
      '  inputs: [{ name: u }]\n',
    );
    expect((await mistakes(text)).map((one) => one.code)).toEqual(['wrong-type', 'wrong-type']);
  });
});

test('a workflow without steps is warned of, and runs', async () => {
  const { diagnostics, plan } = await load('workflow:\n  id: x\n  steps: []\n');
  expect(diagnostics).toMatchObject([{ severity: 'warning', message: 'the workflow has no steps: it does nothing' }]);
  expect(plan).toBeDefined();
});
