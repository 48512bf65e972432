import type OpenAI from 'openai';
import type { Finding } from 'threadline/provider';
import { ThreadlineError } from 'threadline/provider';
import type { Config } from '../contract/schema.ts';
import { WIRES, type WireName } from '../wires/wire-name.ts';
import { ok, problem } from './finding.ts';
import { failureOf, patiently } from './probe.ts';

const PATHS: Record<WireName, string> = {
  responses: '/responses',
  chat: '/chat/completions',
  assistants: '/assistants',
};

/** Whether the server has the API that is spoken: an empty request is refused before a model is asked, so it costs nothing. */
export async function wireFinding(client: OpenAI, config: Config, wire: WireName, signal: AbortSignal): Promise<Finding> {
  const path = PATHS[wire];
  if (await hasRoute(client, config, wire, signal)) return ok('wire', `The wire \`${wire}\` is spoken there.`);
  const others: WireName[] = [];
  for (const other of WIRES) if (other !== wire && (await hasRoute(client, config, other, signal))) others.push(other);
  const message = `The server has no ${path}, which the wire \`${wire}\` needs.`;
  const hint = others.length > 0 ? `Use \`wire: ${others[0]}\`, which is there.` : 'Check `base_url`: it usually ends in /v1.';
  return problem('wire', new ThreadlineError('unsupported', message, { hint, details: { wire, others } }));
}

async function hasRoute(client: OpenAI, config: Config, wire: WireName, signal: AbortSignal): Promise<boolean> {
  try {
    await patiently(signal, (limit) => {
      const options = { signal: limit };
      if (wire === 'assistants') return client.beta.assistants.list({ limit: 1 }, options);
      return client.post(PATHS[wire], { ...options, body: {} });
    });
    return true;
  } catch (thrown) {
    signal.throwIfAborted();
    const { code, message, details } = failureOf(thrown, config, client);
    // A server that misses the model has the route.
    if (code === 'not_found') return /\bmodel\b/i.test(message);
    return details?.status !== 405 && details?.status !== 501;
  }
}
