/** Codes of diagnostics. A test checks that `docs/errors.md` has a row for each. */
export const DIAGNOSTICS = {
  yaml: 'The file is not well-formed YAML.',
  'unknown-key': 'A key that does not exist, or not in this place.',
  'missing-key': 'A key that must be there.',
  'wrong-type': 'A value of the wrong type.',
  'invalid-value': 'A value that is not allowed here.',
  'duplicate-name': 'Two steps, inputs or outputs with the same name.',
  'unknown-step': 'A step that does not exist.',
  'step-order': 'A step that has not ended yet when its results are read.',
  'unknown-root': 'A template that reads a root that no trigger and no declaration fills.',
  'unknown-name': 'An input, constant, variable or environment name that is not declared.',
  'unknown-provider': 'An unknown provider.',
  'broken-provider': 'An installed provider that cannot be loaded.',
  'provider-not-installed': 'A provider that Keep has and that is not installed: its steps run under stubs only.',
  template: 'A template that cannot be read.',
  expression: 'An expression that cannot be read.',
  function: 'A function or helper that does not exist.',
  jinja: 'Jinja, which Threadline does not render.',
  'untrusted-target': 'Data that would choose a file or a host.',
  'secret-in-clear': 'A credential written into the file.',
  'missing-file': 'A file that does not exist.',
  'invalid-file': 'A file that the workflow names and that has mistakes.',
  'provider-note': 'A remark of a provider, such as our name for a parameter. A note: the workflow is valid.',
  'keep-ignores': 'What Keep passes over, and Threadline does. A note: the workflow is valid.',
  'keep-difference': 'What means something else in Keep. A note: the workflow is valid.',
} as const;

export type DiagnosticCode = keyof typeof DIAGNOSTICS;

export interface Place {
  file: string;
  /** From 1. */
  line: number;
  /** From 1, in characters. */
  column: number;
  /** Number of underlined characters, at least 1. */
  length: number;
}

/** A mistake in a file; a value, because all mistakes are collected before any is shown. */
export interface Diagnostic {
  /** A note informs and asks for no change. */
  severity: 'error' | 'warning' | 'note';
  code: DiagnosticCode;
  message: string;
  hint?: string;
  place: Place;
}

/** Exit code for a command with these diagnostics. A broken provider has its own, because the workflow could not be checked. */
export function exitCodeOf(diagnostics: readonly Diagnostic[]): number {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return 0;
  return errors.every(({ code }) => code === 'broken-provider') ? 3 : 2;
}

/** Tells what is shown unasked: all but what Keep passes over, where the file means here what it says. */
export const isShown = ({ code }: Diagnostic): boolean => code !== 'keep-ignores';

export const hasErrors = (diagnostics: readonly Diagnostic[]) => diagnostics.some((one) => one.severity === 'error');

export const placeText = ({ file, line, column }: Place) => `${file}:${line}:${column}`;

/** Without those that say the same of the same place. */
export function uniqueDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter((one) => {
    const key = `${placeText(one.place)} ${one.message}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** Sorts by file and place, with `first` before other files, and removes duplicates. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[], first = ''): Diagnostic[] {
  return uniqueDiagnostics(diagnostics).sort(
    (a, b) =>
      Number(b.place.file === first) - Number(a.place.file === first) ||
      a.place.file.localeCompare(b.place.file) ||
      a.place.line - b.place.line ||
      a.place.column - b.place.column,
  );
}
