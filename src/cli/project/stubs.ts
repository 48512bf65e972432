import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { placeText } from '../../language/diagnostic.ts';
import { type ParsedFile, parseYaml } from '../../language/parse.ts';
import { reportOn } from '../../language/report.ts';
import type { Plan } from '../../plan/plan.ts';
import { KNOWN_PROVIDERS } from '../../provider/keep-provider-names.ts';
import type { ProviderRegistry } from '../../provider/load.ts';
import { allProviderPlaces } from '../../provider/require-providers.ts';
import { ThreadlineError } from '../../shared/errors/errors.ts';
import { withFileError } from '../../shared/errors/file-error.ts';
import { checkSchema } from '../../shared/schema/check-schema.ts';
import { StubFileSchema, type Stubs } from '../../stubs/stub-file.ts';
import { type StubProblem, StubSet } from '../../stubs/stub-set.ts';
import { stubSkeleton } from '../../stubs/stub-skeleton.ts';
import { readText, refuseMistakes } from './project.ts';

/** A file of stubs, checked. */
export interface OpenStubs {
  stubs: Stubs;
  /** Tells whether a stub answers for a provider that is not installed. */
  isStubbed(provider: string, step: string): boolean;
  /** Throws `invalid_config` with every name that does not occur in the workflows. */
  requireNames(plans: readonly Plan[], registry: ProviderRegistry): void;
}

/** Throws `invalid_config` with every mistake and its place. */
export function openStubs(file: string): OpenStubs {
  const parsed = parseYaml(readText(file), file);
  const report = reportOn(parsed);
  const issues = checkSchema(StubFileSchema, parsed.data);
  if (parsed.problems.length === 0) report.issues([], issues);
  refuseMistakes(file, report);
  for (const { place, message } of parsed.problems) process.stderr.write(`warning: ${placeText(place)}: ${message}\n`);
  const { stubs } = parsed.data as unknown as { stubs: Stubs };
  const set = new StubSet(stubs);
  refuseProblems(parsed, set.problems);
  return {
    stubs,
    isStubbed: (provider, step) => set.find(provider, step, false) !== undefined,
    requireNames(plans, registry) {
      const places = plans.flatMap(allProviderPlaces);
      const types = places.flatMap(({ provider }) => [provider, provider.split('.')[0] ?? '']);
      const known = new Set([...types, ...registry.names(), ...KNOWN_PROVIDERS]);
      refuseProblems(parsed, set.unknownNames(new Set(places.map(({ step }) => step)), known));
    },
  };
}

function refuseProblems(parsed: ParsedFile, problems: readonly StubProblem[]): void {
  const report = reportOn(parsed);
  for (const { path, message, hint, piece } of problems) {
    const problem = { code: 'invalid-value', message, ...(hint ? { hint } : {}) } as const;
    if (piece) report.inside(['stubs', ...path], problem, piece);
    else report.at(['stubs', ...path], problem, 'key');
  }
  refuseMistakes(parsed.file, report);
}

/** Default file for a workflow's stubs: `triage.stubs.yaml` beside `triage.yml`. */
export const stubsFileOf = (workflow: string): string => `${workflow.replace(/\.[^./\\]+$/, '')}.stubs.yaml`;

/** Writes stubs for steps without an installed provider. Throws `invalid_usage` if the file exists. */
export function writeStubs(file: string, plan: Plan, registry: ProviderRegistry): void {
  const installed = new Set(registry.names());
  const text = stubSkeleton(plan, file, (provider) => installed.has(provider));
  const failed = `No stubs can be written to \`${file}\``;
  if (existsSync(file))
    throw new ThreadlineError('invalid_usage', `${failed}: it is there already.`, {
      hint: 'Name another file, or delete it first: what you put into it would be lost.',
    });
  withFileError('invalid_usage', failed, () => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { flag: 'wx' });
  });
}
