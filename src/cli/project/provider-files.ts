import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ThreadlineError } from '../../shared/errors/errors.ts';

/** The example that ships with the package. */
const EXAMPLE = 'examples/threadline-provider-tickets';
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/**
 * The files of a provider package of this name: the example, renamed; file → text. Throws `invalid_usage` for what cannot be a
 * provider's name.
 */
export function providerFiles(name: string): Record<string, string> {
  if (!NAME.test(name))
    throw new ThreadlineError('invalid_usage', `\`${name}\` cannot be the name of a provider.`, {
      hint: 'Lower-case letters, digits and single dashes, such as `my-tickets`.',
    });
  const folder = fileURLToPath(new URL(EXAMPLE, import.meta.resolve('threadline/package.json')));
  const rename = (text: string) =>
    text
      .replaceAll('TICKETS', name.replaceAll('-', '_').toUpperCase())
      .replaceAll('threadline-provider-tickets', `threadline-provider-${name}`)
      .replaceAll('type: tickets', `type: ${name}`);
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map((file) => [`threadline-provider-${name}/${file.name}`, rename(readFileSync(join(folder, file.name), 'utf8'))]),
  );
}
