import type { Finding, ThreadlineError } from 'threadline/provider';
import { baseUrlOf } from '../contract/check-config.ts';
import type { Config } from '../contract/schema.ts';
import { serverAt } from '../dialects/servers.ts';
import { openClient } from '../routes/client.ts';
import { orFailure, problem, warning, wrongConfig } from './finding.ts';

const COPY_IT = 'Copy the key itself, as the server shows it, without anything around it.';

/** Matches placeholders for keys in templates and examples. */
const PLACEHOLDER = /\.{3}|…|[<>*]|your[-_ ]?(openai[-_ ]?)?(api[-_ ]?)?key|x{6}|change[-_]?me|placeholder/i;
const VARIABLE = /^\$|^[A-Z]+(_[A-Z]+)+$/;

/** Mistakes in the key that show without a request. The findings never contain it. */
export async function keyFindings(config: Config, signal: AbortSignal): Promise<Finding[]> {
  const key = config.api_key?.trim() ?? '';
  const known = mistakeIn(key);
  if (known) return [problem('key', known)];
  const opened = await orFailure(openClient(config), signal);
  if (opened instanceof Error) return [problem(isAboutKey(opened) ? 'key' : 'endpoint', opened)];
  // Servers on one's own machine take any text as a key.
  const { name, endedAssistants: isPublic } = serverAt(baseUrlOf(config), undefined);
  if (isPublic && PLACEHOLDER.test(key)) return [problem('key', wrongConfig('The key is a placeholder.', COPY_IT))];
  if (name !== 'openai' || key.startsWith('sk-')) return [];
  return [warning('key', "The key does not begin with `sk-`, as OpenAI's keys do.", { hint: COPY_IT })];
}

const isAboutKey = ({ code, message }: ThreadlineError): boolean =>
  code === 'missing_credentials' || message.includes('`api_key`');

function mistakeIn(key: string): ThreadlineError | undefined {
  if (/^["'`].*["'`]$/.test(key)) return wrongConfig('The key stands in quotes, which are sent along.', COPY_IT);
  if (/^bearer\s/i.test(key)) return wrongConfig('The key begins with `Bearer`, which is not part of it.', COPY_IT);
  if (VARIABLE.test(key)) return wrongConfig('The key is the name of a variable, not its value.', COPY_IT);
  return undefined;
}
