import type { ReportFormat } from '../../report/index.ts';
import { ThreadlineError } from '../../shared/errors/errors.ts';
import type { JsonObject } from '../../shared/json/json.ts';
import type { Command, Values } from '../terminal/command-line.ts';
import { logOption } from './log-option.ts';
import { payloadOptions } from './payload-options.ts';

/** Options of `threadline run`. */

const FORMATS = ['pretty', 'json', 'jsonl', 'github'] as const satisfies readonly ReportFormat[];

/** Options that `runs` commands share. */
export const engineOption = {
  engine: { value: 'type', choices: ['local', 'restate'], description: 'whose runs; default `engine.type`, local' },
} satisfies Command['options'];

export const runOptions = {
  ...payloadOptions,
  workflow: { value: 'id', description: 'which workflow, in a file that holds several' },
  input: { value: 'name=value', short: 'i', repeatable: true, description: 'an input; values other than text as JSON' },
  'input-file': { value: 'file', description: 'inputs from a JSON or YAML file' },
  'env-file': { value: 'file', repeatable: true, description: 'environment variables from a file' },
  format: { value: 'format', choices: FORMATS, default: 'pretty', description: 'what is printed' },
  output: { value: 'file', short: 'o', repeatable: true, description: 'write a report: .json, .xml (JUnit) or .md' },
  offline: { description: 'ask the offline emulator instead of OpenAI: no key, no network, no cost' },
  stubs: { value: 'file', description: 'answer calls from a file, in place of providers' },
  'stubs-init': {
    value: 'file',
    isValueOptional: true,
    description: 'write such a file for the providers that are not installed, by default NAME.stubs.yaml; runs nothing',
  },
  'dry-run': { description: 'call nothing outside of the run: what no stub answers is made up' },
  'run-id': { value: 'id', description: "the run's id; an interrupted run of that id goes on" },
  'allow-changed': { description: 'go on with a run whose workflow was edited, where what has run reads the same' },
  engine: { ...engineOption.engine, description: 'who executes it; default `engine.type`, local' },
  timeout: { value: 'duration', description: 'the longest that the run may take, such as 10m' },
  'max-cost-usd': { value: 'amount', description: 'the most that the run may cost, in US dollars; needs `prices:`' },
  ...logOption,
  quiet: { short: 'q', description: 'print errors only' },
  verbose: { short: 'v', description: 'print more' },
} satisfies Command['options'];

export interface RunFlags {
  alert: string | undefined;
  alertFormat: string | undefined;
  alertIndex: string | undefined;
  workflow: string | undefined;
  incident: string | undefined;
  inputs: JsonObject;
  inputFile: string | undefined;
  envFiles: string[];
  format: ReportFormat;
  outputs: string[];
  offline: boolean;
  stubs: string | undefined;
  /** Empty for the default. */
  stubsInit: string | undefined;
  dryRun: boolean;
  runId: string | undefined;
  allowChanged: boolean;
  engine: string | undefined;
  timeout: string | undefined;
  maxCostUsd: string | undefined;
  logFile: string | undefined;
  verbosity: -1 | 0 | 1;
}

export const flagsOf = (values: Values): RunFlags => ({
  alert: values.text('alert'),
  alertFormat: values.text('alert-format'),
  alertIndex: values.text('alert-index'),
  workflow: values.text('workflow'),
  incident: values.text('incident'),
  inputs: values.texts('input').reduce(addInput, {}),
  inputFile: values.text('input-file'),
  envFiles: values.texts('env-file'),
  format: values.text('format') as ReportFormat,
  outputs: values.texts('output'),
  offline: values.isOn('offline'),
  stubs: values.text('stubs'),
  stubsInit: values.text('stubs-init'),
  dryRun: values.isOn('dry-run'),
  runId: values.text('run-id'),
  allowChanged: values.isOn('allow-changed'),
  engine: values.text('engine'),
  timeout: values.text('timeout'),
  maxCostUsd: values.text('max-cost-usd'),
  logFile: values.text('log-file'),
  verbosity: values.isOn('quiet') ? -1 : values.isOn('verbose') ? 1 : 0,
});

function addInput(all: JsonObject, given: string): JsonObject {
  const at = given.indexOf('=');
  if (at < 1) throw new ThreadlineError('invalid_usage', `An input is \`name=value\`, not \`${given}\`.`);
  return { ...all, [given.slice(0, at)]: given.slice(at + 1) };
}
