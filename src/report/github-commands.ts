import { shorten, visible, visibleLine } from '../shared/text/safe-text.ts';

export interface Annotation {
  level: 'error' | 'warning' | 'notice';
  title: string;
  message: string;
  file?: string | undefined;
  line?: number | undefined;
}

const LONGEST_MESSAGE = 4000;
/** GitHub shows ten annotations of each level per step of a job and silently drops the rest. */
const MOST_OF_A_LEVEL = 10;

/** Formats annotations as workflow commands, as many as GitHub shows, and counts the others. */
export class Annotations {
  private readonly counts = { error: 0, warning: 0, notice: 0 };

  /** Returns the command, or undefined if GitHub would drop it. */
  command(annotation: Annotation): string | undefined {
    this.counts[annotation.level]++;
    return this.counts[annotation.level] > MOST_OF_A_LEVEL ? undefined : annotationCommand(annotation);
  }

  /** Counts the annotations that only the log shows. */
  notice(): string | undefined {
    const errors = this.counts.error - MOST_OF_A_LEVEL;
    const warnings = this.counts.warning - MOST_OF_A_LEVEL;
    const parts: string[] = [];
    if (errors > 0) parts.push(`${errors} more ${errors === 1 ? 'error' : 'errors'}`);
    if (warnings > 0) parts.push(`${warnings} more ${warnings === 1 ? 'warning' : 'warnings'}`);
    if (parts.length === 0) return undefined;
    return `::notice title=Threadline::${errors + warnings === 1 ? 'There is' : 'There are'} ${parts.join(' and ')} in the log.`;
  }
}

function annotationCommand({ level, title, message, file, line }: Annotation): string {
  const properties = [`title=${escapeProperty(title)}`];
  if (file) properties.push(`file=${escapeProperty(file)}`);
  if (file && line !== undefined) properties.push(`line=${line}`);
  return `::${level} ${properties.join(',')}::${escapeData(visible(shorten(message, LONGEST_MESSAGE)))}`;
}

export const groupCommand = (title: string): string => `::group::${escapeData(visibleLine(title))}`;
export const END_GROUP = '::endgroup::';

// https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
const escapeData = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const escapeProperty = (text: string): string => escapeData(visible(text)).replaceAll(':', '%3A').replaceAll(',', '%2C');
