import { join } from 'node:path';
import {
  type LoadedWorkflow,
  loadWorkflow,
  openRegistry,
  type RunEvent,
  type RunOptions,
  type RunReport,
  runWorkflow,
} from '../../src/index.ts';
import type { ProviderContext } from '../../src/provider/index.ts';
import type { Json, JsonObject } from '../../src/shared/json/json.ts';
import { type Files, folderWith } from '../support/cli.ts';

export type Probe = (params: JsonObject, context: ProviderContext) => unknown;

/** A provider of a stranger's, in a folder of its own. What it does, the test at hand says. */
const PROBE = `export default {
  description: 'Does what the test says.',
  config: { type: 'object', properties: { token: { type: 'string' } }, additionalProperties: false },
  params: { type: 'object', additionalProperties: true },
  environment: { token: 'PROBE_TOKEN' },
  async run(params, context) { return globalThis.probe(params, context); },
};
`;
const providers = folderWith({ 'probe/index.mjs': PROBE });
const registry = openRegistry([providers]);

export interface Ran {
  report: RunReport;
  events: RunEvent[];
  /** What the provider was called with, in order. */
  calls: { step: string; params: JsonObject; key: string }[];
}

export type Options = Partial<RunOptions> & { probe?: Probe; files?: Files };

/** Steps written short: `steps` of a workflow, each with the provider `probe`. */
export async function load(text: string, files: Files = {}): Promise<LoadedWorkflow> {
  const folder = folderWith({ ...files, 'workflow.yml': text });
  const workflow = await loadWorkflow(join(folder, 'workflow.yml'), registry);
  if (!workflow.plan) throw new Error(workflow.diagnostics.map((one) => `${one.place.line}: ${one.message}`).join('\n'));
  return workflow;
}

export async function run(
  body: string,
  { probe = (params) => params.output ?? params, files, ...options }: Options = {},
): Promise<Ran> {
  const { plan } = await load(`workflow:\n  id: test\n${body.replace(/^(?=.)/gm, '  ')}\n`, files);
  if (!plan) throw new Error('no plan');
  const events: RunEvent[] = [];
  const calls: Ran['calls'] = [];
  Object.assign(globalThis, {
    probe: (params: JsonObject, context: ProviderContext) => {
      calls.push({ step: context.step.name, params, key: context.idempotencyKey });
      return probe(params, context);
    },
  });
  const report = await runWorkflow(plan, { registry, environment: {}, ...options, onEvent: (event) => events.push(event) });
  return { report, events, calls };
}

/** `- { name: a, provider: { type: probe, with: … }, … }`. */
export const probe = (name: string, more = '', params: Json = { step: name }): string =>
  `- { name: ${name}, ${more ? `${more}, ` : ''}provider: { type: probe, with: ${JSON.stringify(params)} } }`;

/** A promise that is kept from outside. */
export function signpost(): { reached: Promise<void>; reach(): void } {
  let reach = () => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  return { reached, reach: () => reach() };
}

export const statuses = ({ report }: Ran): Record<string, string> =>
  Object.fromEntries(Object.entries(report.steps).map(([name, { status }]) => [name, status]));
