import { type Diagnostic, placeText } from '../language/diagnostic.ts';

export type DiagnosticFormat = 'pretty' | 'json' | 'github';

/** Prints diagnostics: with the line and a caret, as JSON, or as annotations of GitHub Actions. */
export function printDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, string>,
  format: DiagnosticFormat,
  stream: { write(text: string): unknown },
): void {
  if (format === 'json') stream.write(`${JSON.stringify(diagnostics, null, 2)}\n`);
  else
    for (const one of diagnostics) stream.write(format === 'github' ? annotation(one) : pretty(one, sources.get(one.place.file)));
}

/** Width of the excerpt of a long line, and of its part before the mistake. */
const WIDEST = 140;
const BEFORE = 60;

function pretty(one: Diagnostic, source: string | undefined): string {
  const { line, column, length } = one.place;
  const head = `${placeText(one.place)} ${one.severity} ${one.code}: ${one.message}\n`;
  const whole = visible(source?.split('\n')[line - 1] ?? '');
  const from = whole.length <= WIDEST ? 0 : Math.max(0, column - 1 - BEFORE);
  const text = `${from > 0 ? '…' : ''}${whole.slice(from, from + WIDEST)}${from + WIDEST < whole.length ? '…' : ''}`;
  const indent = Math.max(column - 1 - from + (from > 0 ? 1 : 0), 0);
  const caret = `${' '.repeat(indent)}${'^'.repeat(Math.min(length, Math.max(1, text.length - indent)))}`;
  const number = String(line);
  const excerpt = text === '' ? '' : `  ${number} | ${text}\n  ${' '.repeat(number.length)} | ${caret}\n`;
  return `${head}${excerpt}${one.hint ? `  ${one.hint}\n` : ''}\n`;
}

/** Shows tabs and control characters in a single column each, to align the caret and to protect the terminal. */
const visible = (text: string) =>
  text
    .replace(/\r$/, '')
    .replace(/\t/g, ' ')
    .replace(/\p{Cc}/gu, '·');

const escapeData = (text: string) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const escapeProperty = (text: string) => escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

function annotation({ severity, code, message, hint, place }: Diagnostic): string {
  const { file, line, column, length } = place;
  const properties = `file=${escapeProperty(file)},line=${line},col=${column},endColumn=${column + length},title=${escapeProperty(code)}`;
  return `::${severity === 'note' ? 'notice' : severity} ${properties}::${escapeData(hint ? `${message}. ${hint}` : message)}\n`;
}
