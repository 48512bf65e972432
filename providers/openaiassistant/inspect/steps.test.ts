import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from 'threadline/provider';
import { serverAt } from '../dialects/servers.ts';
import { withAssistant } from '../testing/test-assistant.ts';
import { WIRES } from '../wires/index.ts';
import { keptAssistantFinding } from './assistant.ts';
import { inspected, of } from './test-inspect.ts';

const model = 'gpt-6-luna';
const look = { function: 'look', parameters: { type: 'object', properties: {} }, provider: { type: 'mock' } };
const { signal } = new AbortController();

/** The findings about one step, without asking a model. */
async function found(params: JsonObject, config: JsonObject = {}, files: JsonObject = {}) {
  const { url, close } = await emulator();
  try {
    const steps = { triage: { model, prompt: 'x', ...params } };
    return await inspected({ base_url: url, server: 'openai', ...config }, { steps, files, asks: false });
  } finally {
    await close();
  }
}

const emulator = async () => (await import('../../../src/emulator/index.ts')).startEmulator();

describe('instructions', () => {
  test('A9: are longer than servers take', async () => {
    const [finding] = of(await found({ instructions: 'x'.repeat(256_001) }), 'assistant');
    expect(finding).toMatchObject({ status: 'problem', code: 'invalid_params', message: expect.stringContaining('256,001') });
  });

  test('A9: are long enough to be dear', async () => {
    expect(of(await found({ instructions: 'x'.repeat(100_000) }), 'assistant')).toMatchObject([
      { status: 'warning', message: expect.stringContaining('about 25,000 tokens') },
    ]);
  });

  test('A8: stand in a file', async () => {
    const findings = await found(
      { assistant: 'sre.yml' },
      {},
      { 'sre.yml': { instructions: 'Be kind.', tools: [{ function: 'look' }] } },
    );
    expect(of(findings, 'assistant')).toMatchObject([{ status: 'ok', message: 'Instructions of 8 characters.' }]);
    expect(of(findings, 'tools')).toMatchObject([
      { status: 'problem', message: expect.stringContaining('has no step'), steps: ['triage'] },
    ]);
  });

  test('A8: of a file that is not there', async () => {
    expect(of(await found({ assistant: 'no.yml' }), 'assistant')).toMatchObject([{ status: 'problem', code: 'file_not_found' }]);
  });
});

describe('tools', () => {
  test('F13: are complete', async () => {
    expect(of(await found({ tools: [look, 'web_search'] }), 'tools')).toMatchObject([
      { status: 'ok', message: 'Complete: web_search, look().' },
    ]);
  });

  test('F13: have a schema that is none', async () => {
    const parameters = { type: 'object', properties: { a: { type: 'strnig' } } };
    const [finding] = of(await found({ tools: [{ ...look, parameters }] }), 'tools');
    expect(finding).toMatchObject({ status: 'problem' });
  });

  test('A10: cannot be had over the wire, or at the server', async () => {
    const chat = of(await found({ tools: ['web_search'], wire: 'chat' }), 'tools');
    expect(chat).toContainEqual(
      expect.objectContaining({ status: 'problem', code: 'unsupported', hint: expect.stringContaining('wire: responses') }),
    );
    const local = of(await found({ tools: ['code_interpreter'], wire: 'responses' }, { server: 'vllm' }), 'tools');
    expect(local).toContainEqual(expect.objectContaining({ code: 'unsupported', hint: expect.stringContaining('vllm') }));
    const lenient = of(await found({ tools: ['web_search'], wire: 'chat', on_unsupported: 'warn' }), 'tools');
    expect(lenient.map(({ status }) => status)).toEqual(['ok', 'warning']);
  });

  test('A10: what else a way cannot do', async () => {
    const params = { wire: 'chat', background: true, images: [{ file_id: 'file-1' }] };
    expect(of(await found(params), 'support').map(({ details }) => details?.field)).toEqual(['images.file_id', 'background']);
  });

  test('A10: of a fallback are only left out', async () => {
    const findings = await found({ tools: ['web_search'], fallback: ['chat'] });
    expect(of(findings, 'tools').map(({ status }) => status)).toEqual(['ok', 'warning']);
  });

  test('A10: of MCP servers are listed, as a run would', async () => {
    const server = fileURLToPath(new URL('../mcp/test-stdio-server.ts', import.meta.url));
    const command = [process.execPath, '--conditions=threadline-source', server];
    const findings = await found({ tools: [{ mcp: { command, name: 'docs' } }] });
    expect(of(findings, 'tools')).toMatchObject([{ status: 'ok', message: expect.stringContaining('docs_') }]);
    const broken = await found({ tools: [{ mcp: { command: ['/no/such/program'] } }] });
    expect(of(broken, 'tools')).toMatchObject([{ status: 'problem', code: 'step_failed' }]);
    const late = await found({ tools: [{ mcp: { url: 'https://{{ inputs.host }}/mcp' } }] });
    expect(of(late, 'tools')).toMatchObject([{ status: 'skipped' }]);
  });
});

describe('formats', () => {
  test('F26 O4: json_object beside functions is warned of', async () => {
    const [finding] = of(await found({ tools: [look], response_format: 'json_object' }), 'format');
    expect(finding).toMatchObject({ status: 'warning', hint: expect.stringMatching(/schema.*auto/) });
  });

  test('O4: a server that does not enforce them', async () => {
    const findings = await found({ response_format: 'json_object' }, { server: 'lmstudio' });
    expect(of(findings, 'format').map(({ status }) => status)).toEqual(['ok', 'warning']);
  });

  test('A8: one that is known only when the step runs', async () => {
    const findings = await found({ response_format: { schema: 'schemas/{{ alert.kind }}.json' } });
    expect(of(findings, 'format')).toMatchObject([{ status: 'skipped' }]);
  });

  test('A8: a schema that is none', async () => {
    const findings = await found({ response_format: { schema: { type: 'strnig' } } });
    expect(of(findings, 'format')).toMatchObject([{ status: 'problem' }]);
  });
});

describe('assistants that a server keeps', () => {
  test('A2: one is there', async () => {
    await withAssistant([], async ({ emulator: { url } }) => {
      const { default: OpenAI } = await import('openai');
      const { id } = await new OpenAI({ apiKey: 'sk-x', baseURL: url }).beta.assistants.create({ model, name: 'Ann' });
      const config = { base_url: url, server: 'openai', wire: 'assistants', assistant_id: id } as const;
      expect(of(await inspected(config, { asks: false }), 'assistant')).toMatchObject([
        { status: 'ok', message: `\`${id}\` is there (Ann): model ${model}, 0 tools.` },
      ]);
    });
  });

  test('A2: one is not', async () => {
    const findings = await found({}, { wire: 'assistants', assistant_id: 'asst_gone' });
    expect(of(findings, 'assistant')).toMatchObject([
      { status: 'problem', code: 'not_found', hint: expect.stringContaining('OPENAI_ASSISTANT_ID') },
    ]);
  });

  test('A14: they are gone where the API was shut down, and what to do is said', async () => {
    const route = {
      config: {},
      server: serverAt(new URL('https://api.openai.com/v1'), undefined),
      wire: WIRES.responses,
      model: undefined,
      isFallback: false,
      isElsewhere: false,
    } as const;
    const finding = await keptAssistantFinding({ route, id: 'asst_1', model: undefined }, undefined, signal);
    expect(finding).toMatchObject({
      status: 'warning',
      message: expect.stringContaining('2026-08-26'),
      hint: expect.stringContaining('Put the model, instructions and tools into a file'),
    });
  });

  test('A14: an id that the wire has no use for', async () => {
    const findings = await found({}, { wire: 'chat', assistant_id: 'asst_1' });
    expect(of(findings, 'assistant')).toMatchObject([{ status: 'warning', message: expect.stringContaining('is not used') }]);
  });
});
