import type { Finding, ThreadlineError } from 'threadline/provider';
import { baseUrlOf } from '../contract/check-config.ts';
import type { Config } from '../contract/schema.ts';
import { OPENAI_URL, serverAt } from '../dialects/servers.ts';
import { ok, problem, warning, wrongConfig } from './finding.ts';
import { type Probe, probe } from './probe.ts';

export interface Reached {
  probe: Probe;
  findings: Finding[];
  /** Whether further requests to it are useless. */
  isHopeless: boolean;
}

/** Finds whether the server is there, speaks the API, and takes the key. */
export async function reach(config: Config, signal: AbortSignal): Promise<Reached> {
  const found = await probe(config, signal);
  const { error, isPage } = found;
  if (!error) return { probe: found, findings: [answers(config, found), accepted(config)], isHopeless: false };
  if (error.code === 'authentication_failed') return refused(config, found, error);
  if (isPage || error.code === 'not_found' || error.message.includes('not as an API')) {
    const missing = await withVersion(config, signal);
    if (missing) return { probe: found, findings: [problem('endpoint', missing)], isHopeless: true };
  }
  if (isPage) {
    const page = wrongConfig(
      `${urlOf(config)} answers with a web page, not with an API.`,
      'Check `base_url`: it usually ends in /v1, and is not the address of a dashboard.',
    );
    return { probe: found, findings: [problem('endpoint', page)], isHopeless: true };
  }
  return listless(config, found, error);
}

const urlOf = ({ base_url: url = OPENAI_URL }: Config): string => url.replace(/\/+$/, '');

function answers(config: Config, { durationMs, models }: Probe): Finding {
  const { name, host } = serverAt(baseUrlOf(config), config.server);
  const details = { base_url: urlOf(config), server: name, duration_ms: durationMs, models: models?.length ?? null };
  const kind = host.endsWith('openai.com') ? '' : ` (taken for: ${name})`;
  return ok('endpoint', `${urlOf(config)} answers in ${durationMs} ms${kind}.`, { details });
}

function accepted({ api_key: key, organization_id: organization, project_id: project }: Config): Finding {
  if (!key) return ok('key', 'There is no key, and the server wants none.');
  const payers = [...(organization ? ['organisation'] : []), ...(project ? ['project'] : [])];
  return ok('key', payers.length === 0 ? 'The key is accepted.' : `Key, ${payers.join(' and ')} are accepted.`);
}

const LACKS_PERMISSION = /scope|permission/i;

/** A key that is refused here may be allowed to ask models, and only not to list them. */
function refused(config: Config, found: Probe, error: ThreadlineError): Reached {
  const { details = {}, message } = error;
  if (details.status === 403 && LACKS_PERMISSION.test(message)) {
    const hint = 'Allow it to list models if names of models are to be checked.';
    const limited = warning('key', 'The key is known, and may not list models.', { hint, details });
    return { probe: found, findings: [answers(config, found), limited], isHopeless: false };
  }
  const hint = payerHint(config, error) ?? 'Check the key: is it revoked, mistyped, or of another server?';
  return { probe: found, findings: [answers(config, found), problem('key', error, { hint })], isHopeless: true };
}

function payerHint(config: Config, { message, details }: ThreadlineError): string | undefined {
  const said = `${message} ${details?.api_code ?? ''}`;
  if (config.organization_id && /organi[sz]ation/i.test(said))
    return 'Check `organization_id` (OPENAI_ORG_ID): the key must belong to it. Without it the key chooses.';
  if (config.project_id && /project/i.test(said))
    return 'Check `project_id` (OPENAI_PROJECT_ID): the key must belong to it. Without it the key chooses.';
  return undefined;
}

/** Tries the most common mistake: an address without `/v1`. */
async function withVersion(config: Config, signal: AbortSignal): Promise<ThreadlineError | undefined> {
  const url = urlOf(config);
  if (url.endsWith('/v1')) return undefined;
  const longer = `${url}/v1`;
  const { models, error } = await probe({ ...config, base_url: longer }, signal);
  if (!models && error?.code !== 'authentication_failed') return undefined;
  return wrongConfig(`There is no API at ${url}, but there is one at ${longer}.`, `Write \`base_url: ${longer}\`.`);
}

function listless(config: Config, found: Probe, error: ThreadlineError): Reached {
  if (error.code === 'not_found' || error.code === 'bad_request') {
    const message = `${urlOf(config)} has no list of models.`;
    const hint = 'Some servers have none; if nothing else works either, check `base_url`: it usually ends in /v1.';
    return { probe: found, findings: [warning('endpoint', message, { hint })], isHopeless: false };
  }
  if (error.code === 'quota_exceeded' || error.code === 'rate_limit')
    return { probe: found, findings: [answers(config, found), problem('quota', error)], isHopeless: true };
  const isHopeless = error.code !== 'server_error' || error.message.includes('not as an API');
  // The usual hint warns of an answer that may be paid for: a list of models never is.
  const hint =
    error.code !== 'connection_failed' || /certificate/.test(error.hint ?? '') ? error.hint : 'Check `base_url` and the network.';
  return { probe: found, findings: [problem('endpoint', error, hint ? { hint } : {})], isHopeless };
}
