import { ThreadlineError } from 'threadline/provider';
import { encodeFields } from './request-body.ts';
import type { HttpConfig, HttpParams } from './schema.ts';

export interface Target {
  url: URL;
  /** The configuration's credentials may be sent to this target. */
  isConfiguredOrigin: boolean;
}

/** Joins `base_url`, `url` and `query` into an address. Throws `invalid_params` or `invalid_config`. */
export function resolveTarget(params: HttpParams, config: HttpConfig): Target {
  const base = config.base_url === undefined ? undefined : parseBase(config.base_url);
  if (!base && (config.auth || config.headers)) {
    throw new ThreadlineError('invalid_config', 'The configuration has credentials but no `base_url` that they belong to.', {
      hint: 'Add `base_url`: credentials are sent to its origin only.',
    });
  }
  const url = parseAddress(params.url, base);
  const fields = encodeFields(params.query ?? params.params ?? {});
  // `searchParams` would encode the author's url again.
  if (fields) url.search = url.search ? `${url.search}&${fields}` : fields;
  url.hash = '';
  return { url, isConfiguredOrigin: url.origin === base?.origin };
}

/** An address, or a path below `base`. Throws `invalid_params`. */
export function parseAddress(written: string, base: URL | undefined): URL {
  const text = written.trim();
  const isPath = base && !/^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  // Joined as text: against `https://host/v1`, URL resolution would read `/users` as `https://host/users` and `//x` as another host.
  const joined = isPath ? `${base.origin}${base.pathname.replace(/\/$/, '')}/${text.replace(/^\//, '')}` : text;
  const url = URL.parse(joined);
  if (!url || !isHttp(url)) {
    const hint = base ? undefined : 'It has to start with http:// or https://, unless the configuration has a `base_url`.';
    throw new ThreadlineError(
      'invalid_params',
      `\`${withoutSecrets(text)}\` is not an http or https address.`,
      hint ? { hint } : {},
    );
  }
  if (url.username || url.password) {
    throw new ThreadlineError('invalid_params', `The url of ${url.host} holds a user name or a password.`, {
      hint: 'Use `auth: { type: basic, username, password }` instead.',
    });
  }
  return url;
}

function parseBase(text: string): URL {
  const url = URL.parse(text);
  if (!url || !isHttp(url) || url.username || url.password) {
    throw new ThreadlineError('invalid_config', '`base_url` is not an http or https address without user name and password.');
  }
  return url;
}

const isHttp = (url: URL): boolean => url.protocol === 'http:' || url.protocol === 'https:';

const withoutSecrets = (text: string) => (text.split(/[?#]/)[0] ?? '').replace(/\/\/[^/]*@/, '//***@').slice(0, 200);
