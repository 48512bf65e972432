import { defineProvider, type JsonObject } from 'threadline/provider';
import { checkParams } from './check/check.ts';
import { checkServer } from './check/check-server.ts';
import { checkConfig } from './contract/check-config.ts';
import { EXAMPLES } from './contract/examples.ts';
import type { OperationParams } from './contract/operation-schema.ts';
import { withOwnNames } from './contract/other-names.ts';
import { resultsOfParams } from './contract/result-schema.ts';
import { Config, Params } from './contract/schema.ts';

/** An assistant that keeps a thread, calls functions and answers in data: OpenAI's Assistants contract over today's APIs. */
export default defineProvider({
  description: 'Asks an assistant: a thread that goes on, functions that are steps, answers that are data.',
  config: Config,
  params: Params,
  errors: {
    empty_output: 'The model answered with nothing.',
    refused: 'The model refused to answer.',
    incomplete: 'The answer was cut off.',
    run_failed: 'The server ended the run without an answer.',
    too_many_tool_rounds: 'The model kept calling functions.',
  },
  examples: EXAMPLES,
  environment: {
    api_key: 'OPENAI_API_KEY',
    base_url: 'OPENAI_BASE_URL',
    organization_id: 'OPENAI_ORG_ID',
    project_id: 'OPENAI_PROJECT_ID',
    wire: 'OPENAI_API_MODE',
    use_assistants_api: 'USE_ASSISTANTS_API',
    assistant_id: ['OPENAI_ASSISTANT_ID', 'ASSISTANT_ID'],
    instructions: 'AI_SYSTEM_PROMPT',
    max_history: 'MAX_CONVERSATION_HISTORY',
  },
  // Secrets are masked wherever they occur, so the placeholder must not be a word that answers contain.
  offline: (emulatorUrl) => ({ api_key: 'sk-threadline-emulator', base_url: emulatorUrl, server: 'openai' as const }),
  offlineStandIn: { model: 'emulated' },
  threadDeletion: (threadId) => ({ operation: 'delete_thread', thread_id: threadId }),
  check: checkParams,
  checkConfig(config, written) {
    const params = withOwnNames(written);
    checkConfig(config, params);
    checkServer(config, params);
  },
  results: (params) => resultsOfParams(withOwnNames(params)),
  async *inspect(subjects, options) {
    const { inspect } = await import('./inspect/index.ts');
    yield* inspect(
      subjects.map((subject) => ({ ...subject, params: withOwnNames(subject.params) })),
      options,
    );
  },
  async run(written, context) {
    const params = withOwnNames(written as JsonObject) as Params;
    if (params.operation !== undefined && params.operation !== 'ask') {
      const [{ openClient }, { runOperation }] = await Promise.all([
        import('./routes/client.ts'),
        import('./operations/index.ts'),
      ]);
      return runOperation(params as OperationParams, context, await openClient(context.config, { log: context.log }));
    }
    const { ask } = await import('./turn/ask.ts');
    return ask(params, context);
  },
});
