import { ThreadlineError } from '../shared/errors/errors.ts';
import type { OutputTag } from '../values/index.ts';

/**
 * Checks what a `{{ }}` puts into a key. An empty part would give all alerts without that label the same key, and so one thread,
 * or one lock, for what has nothing in common.
 */
export const partOfKey =
  (source: string) =>
  (part: string, { offset, length }: OutputTag): string => {
    if (part.trim() !== '') return part;
    const tag = source.slice(offset, offset + length);
    throw new ThreadlineError(
      'missing_value',
      `\`${tag}\` is empty, so the key \`${source}\` would be that of everything without it.`,
      {
        hint: 'Say what stands for it then, such as `{{ default alert.labels.host alert.fingerprint }}`.',
      },
    );
  };
