import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadWorkflow, openRegistry, type Plan } from '../../src/index.ts';
import { handOver } from '../../src/restate/hand-over.ts';
import { distributedRun, type RunAnswer, type RunWait } from '../../src/restate/run-request.ts';
import { folderWith } from '../support/cli.ts';

/** Runs whose steps write lines, so that calls can be counted. */

const LINE = `import { appendFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
export default {
  description: 'Leaves a line when it begins and one when it ends, with its key.',
  config: { type: 'object', properties: {}, additionalProperties: false },
  params: { type: 'object', additionalProperties: true },
  async run({ folder, says, ms }, { idempotencyKey, emit }) {
    appendFileSync(folder + '/lines', 'B ' + idempotencyKey + '\\n');
    emit({ type: 'usage', usage: { prompt_tokens: 1, completion_tokens: 0, total_tokens: 1, cost_usd: 0.5 } });
    await setTimeout(ms ?? Math.random() * 12);
    appendFileSync(folder + '/lines', 'E ' + idempotencyKey + '\\n');
    return { says, key: idempotencyKey };
  },
};
`;

/** A call with notes and functions, like one of an assistant. */
const ASKS = `export default {
  description: 'Calls a function, and remembers.',
  config: { type: 'object', properties: {}, additionalProperties: false },
  params: { type: 'object', properties: { tool: { type: 'object', 'x-threadline': 'step' } }, required: ['tool'], additionalProperties: false },
  async run({ tool }, { runtime: { memory, runStep } }) {
    const known = await memory.recall('id');
    if (known === undefined) await memory.record('id', 'resp_1');
    const first = await runStep(tool, { what: 'x' }, { name: 'call_1' });
    const second = await runStep(tool, { what: 'y' }, { name: 'call_2' });
    return { said: first.says + second.says, id: await memory.recall('id') };
  },
};
`;

const step = (name: string, says: string, more = '') =>
  `    - name: ${name}\n${more}      provider: { type: line, with: { folder: "{{ inputs.folder }}", says: "${says}" } }\n`;
const deeper = (text: string) => text.replaceAll(/^(?=.)/gm, '    ');

const WORKFLOW = `workflow:
  id: traced
  inputs:
    - { name: folder, type: string, required: true }
  steps:
${step('first', 'a')}${step('second', '{{ steps.first.results.says }}b', '      timeout: 1m\n')}    - name: both
      parallel:
${deeper(step('left', 'l'))}${deeper(`    - name: asked
      provider:
        type: asks
        with:
          tool: { type: line, with: { folder: "{{ inputs.folder }}", says: "{{ args.what }}" } }
`)}${deeper(step('right', 'r'))}${step('each', '{{ steps.second.results.says }}{{ foreach.value }}', '      foreach: [1, 2, 3]\n      concurrency: 2\n')}${step('last', '{{ steps.each.results.2.says }}{{ steps.asked.results.said }}!')}  outputs:
    text: "{{ steps.last.results.says }}"
`;

/** The number of calls of a run, with those of the function. */
export const CALLS = 10;

/** The order in which the calls of a run end; calls of one stage run at the same time. */
const STAGES = [/first$/, /second$/, /both\//, /each\[/, /last$/];

export class TracedRuns {
  readonly folder: string;
  readonly plan: Plan;

  private constructor(folder: string, plan: Plan) {
    this.folder = folder;
    this.plan = plan;
  }

  static async make(text = WORKFLOW): Promise<TracedRuns> {
    const folder = folderWith({
      'workflow.yml': text,
      lines: '',
      'threadline.config.yaml': 'providers: [providers]\n',
      'providers/line/index.mjs': LINE,
      'providers/asks/index.mjs': ASKS,
    });
    const { plan, diagnostics } = await loadWorkflow(join(folder, 'workflow.yml'), openRegistry([join(folder, 'providers')]));
    if (!plan) throw new Error(JSON.stringify(diagnostics));
    return new TracedRuns(folder, plan);
  }

  /** Hands a run over and resolves with its end. */
  start(ingress: string, id: string, signal = new AbortController().signal): Promise<RunAnswer | { waits: RunWait[] }> {
    const run = distributedRun({ ...this.plan, file: 'workflow.yml' }, undefined, { inputs: { folder: this.folder } });
    return handOver(ingress, id, run, signal);
  }

  startMany(ingress: string, ids: readonly string[]): Promise<(RunAnswer | { waits: RunWait[] })[]> {
    return Promise.all(ids.map((id) => this.start(ingress, id)));
  }

  /** How often each call has ended, by its key. */
  ends(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const [kind, key] of this.lines()) if (kind === 'E') counts.set(key, (counts.get(key) ?? 0) + 1);
    return counts;
  }

  /** How often calls have ended that are certainly finished: a later call has begun. */
  finished(): Map<string, number> {
    const reached = new Map<string, number>();
    for (const [, key] of this.lines()) {
      const [run = ''] = key.split('/');
      reached.set(run, Math.max(reached.get(run) ?? 0, stageOf(key)));
    }
    return new Map([...this.ends()].filter(([key]) => stageOf(key) < (reached.get(key.split('/')[0] ?? '') ?? 0)));
  }

  private lines(): [kind: string, key: string][] {
    const lines = readFileSync(join(this.folder, 'lines'), 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => [line.slice(0, 1), line.slice(2)]);
  }
}

const stageOf = (key: string) => STAGES.findIndex((pattern) => pattern.test(key.includes('both/') ? 'both/' : key));
