import { join } from 'node:path';
import { type Diagnostic, type LoadedWorkflow, loadWorkflow, openRegistry } from '../../src/index.ts';
import { type Files, folderWith } from '../support/cli.ts';

const registry = openRegistry();

/** Loads `workflow.yml` of a folder with these files, with the built-in providers. */
export const load = (text: string, files: Files = {}): Promise<LoadedWorkflow> =>
  loadWorkflow(join(folderWith({ ...files, 'workflow.yml': text }), 'workflow.yml'), registry);

/** The mistakes of a workflow. */
export const mistakes = async (text: string, files: Files = {}): Promise<Diagnostic[]> => (await load(text, files)).diagnostics;

/** `line:column code message hint`, for comparing at a glance. */
export const lineOf = ({ place: { line, column }, code, message, hint }: Diagnostic): string =>
  `${line}:${column} ${code} ${message}${hint ? ` | ${hint}` : ''}`;

/** What the caret underlines. */
export const underlined = ({ place: { line, column, length } }: Diagnostic, text: string): string =>
  text.split('\n')[line - 1]?.slice(column - 1, column - 1 + length) ?? '';

/** A workflow of one step, with these lines in the step. */
export const step = (lines: string, rest = ''): string => `workflow:
  id: one
${rest}  steps:
    - name: only
${lines.replace(/^(?=.)/gm, '      ')}
`;

/** A workflow of one mock step with these parameters. */
export const mock = (params: string, rest = ''): string =>
  step(`provider:\n  type: mock\n  with:\n${params.replace(/^(?=.)/gm, '    ')}`, rest);
