import { describe, expect, test } from '@jest/globals';
import { cli } from '../support/cli.ts';

const asking = (config: string, params = 'prompt: hi, model: m') => `workflow:
  id: w
  actions:
    - { name: page, provider: { type: console, with: { message: PAGING } } }
    - { name: ask, provider: { type: openaiassistant, ${config}with: { ${params} } } }
`;
const NAMED = 'config: "{{ providers.Triage }}", ';

describe('validate reads providers.yaml', () => {
  const validate = (providers: string | undefined, workflow = asking(NAMED), env: Record<string, string> = {}) =>
    cli(['validate', 'w.yml'], { files: { 'w.yml': workflow, ...(providers ? { 'providers.yaml': providers } : {}) }, env });

  test('a key that is misspelt there is a mistake with its place, and none of its lines is shown', async () => {
    const { code, stdout } = await validate('Triage:\n  authentication:\n    api_key: sk-123-secret\n    modell: gpt-secret\n');
    expect(code).toBe(2);
    expect(stdout).toBe('providers.yaml:4:5 error unknown-key: unknown key `modell`\n  Did you mean `model`?\n\n');
  });

  test('a saved prompt is refused with what to write instead', async () => {
    const { stdout } = await validate('Triage: { authentication: { api_key: sk, prompt_id: pmpt_1 } }\n');
    expect(stdout).toContain('unknown key `prompt_id`\n  Saved prompts end on 2026-11-30');
  });

  test('a configuration that is not there is warned of, with the nearest that is', async () => {
    const { code, stdout } = await validate('Triagee: { authentication: { api_key: sk } }\n');
    expect(code).toBe(0);
    expect(stdout).toMatch(/w\.yml:5:\d+ warning unknown-name: there is no provider configuration called `Triage`/);
    expect(stdout).toContain('Did you mean `Triagee`?');
  });

  test('a configuration that lacks what its server wants is warned of', async () => {
    const { code, stdout } = await validate('Triage: { authentication: { model: m } }\n');
    expect([code, stdout]).toEqual([0, expect.stringContaining('There is no API key for api.openai.com')]);
  });

  test.each([
    ['is whole in the file', 'Triage: { authentication: { api_key: sk } }\n', asking(NAMED), {}],
    ['has its key from the environment', 'Triage: { authentication: { model: m } }\n', asking(NAMED), { OPENAI_API_KEY: 'sk' }],
    ['stands in a variable', undefined, asking(NAMED), { KEEP_PROVIDER_TRIAGE: '{"authentication":{"api_key":"sk"}}' }],
    [
      'stands in the workflow',
      undefined,
      `providers: { Triage: { authentication: { api_key: "{{ env.K }}" } } }\n${asking(NAMED)}`,
      {},
    ],
    ['is not needed', undefined, asking(''), {}],
  ])('a configuration that %s is right', async (_, providers, workflow, env) => {
    expect(await validate(providers, workflow, env)).toMatchObject({ code: 0, stdout: '' });
  });

  test('a key that is misspelt in the workflow is a mistake, whether or not the configuration says its type', async () => {
    const workflow = `providers: { Triage: { authentication: { api_key: "{{ env.K }}", modell: x } } }\n${asking(NAMED)}`;
    const { code, stdout } = await validate(undefined, workflow);
    expect([code, stdout]).toEqual([2, expect.stringContaining('w.yml:1:66 error unknown-key: unknown key `modell`')]);
  });

  test('what several workflows use of it is said once', async () => {
    const files = {
      'a.yml': asking(NAMED),
      'b.yml': asking(NAMED).replace('id: w', 'id: v'),
      'providers.yaml': 'Triage: { modell: x }\n',
    };
    const { stdout } = await cli(['validate', 'a.yml', 'b.yml'], { files });
    expect(stdout.match(/`modell`/g)).toHaveLength(1);
  });
});

describe('run', () => {
  test.each([
    ['is not there', 'Other: { authentication: { api_key: sk } }\n', 'called `Triage`'],
    ['has a key that nobody knows', 'Triage: { authentication: { api_key: sk, modell: x } }\n', '`modell`'],
    ['lacks its key', 'Triage: { authentication: { model: m } }\n', 'There is no API key'],
  ])('pages nobody where a configuration %s', async (_, providers, said) => {
    const { code, stdout, stderr } = await cli(['run', 'w.yml'], {
      files: { 'w.yml': asking(NAMED), 'providers.yaml': providers },
    });
    expect(code).toBe(3);
    expect(stderr).toContain(said);
    expect(stderr).toContain('w.yml:5:');
    expect(stdout + stderr).not.toContain('PAGING');
  });

  test('needs no configuration with --offline', async () => {
    const { code, stderr } = await cli(['run', 'w.yml', '--offline'], { files: { 'w.yml': asking(NAMED, 'prompt: hi') } });
    expect([code, stderr]).toEqual([0, expect.stringContaining('PAGING')]);
  });
});

test('validate notes unasked what a file means otherwise in Keep, and with -v what Keep passes over', async () => {
  const text = asking('', 'prompt: hi, model: m, temperature: 0.2')
    .replace('  actions:', '  permissions: [admin]\n  steps:')
    .replace('PAGING', 'it');
  const files = { 'w.yml': text };
  const plain = await cli(['validate', 'w.yml'], { files });
  expect(plain.stdout).toContain('note keep-difference');
  expect(plain.stdout).not.toContain('keep-ignores');
  expect(plain.stderr).toContain('2 notes (-v shows them all)');
  expect((await cli(['validate', '-v', 'w.yml'], { files })).stdout).toContain('note keep-ignores');
});
