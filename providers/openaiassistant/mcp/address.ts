import { ThreadlineError } from 'threadline/provider';

/** The address of a server. Throws `invalid_params` where it is not one; where it may lead is the guarded `fetch`'s to say. */
export function parseAddress(text: string): URL {
  const url = URL.parse(text.trim());
  if (!url || !/^https?:$/.test(url.protocol))
    throw new ThreadlineError('invalid_params', 'The `url` of an MCP server is not an http or https address.');
  if (!url.username && !url.password) return url;
  throw new ThreadlineError('invalid_params', `The \`url\` of MCP server ${url.host} holds a user name or a password.`, {
    hint: 'Write `headers: { Authorization: … }` instead.',
  });
}
