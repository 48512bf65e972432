import type OpenAI from 'openai';
import { type Finding, ThreadlineError } from 'threadline/provider';
import type { Config } from '../contract/schema.ts';
import { WIRES } from '../wires/index.ts';
import type { Wire } from '../wires/wire.ts';
import { ok, problem } from './finding.ts';
import { askBriefly, failureOf } from './probe.ts';

/** Whether the server has the wire's API. An empty request costs nothing: it is refused before a model is asked. */
export async function wireFinding(client: OpenAI, config: Config, wire: Wire, signal: AbortSignal): Promise<Finding> {
  const { name, path } = wire;
  if (await hasApi(client, config, wire, signal)) return ok('wire', `The wire \`${name}\` is spoken there.`);
  const others: string[] = [];
  for (const other of Object.values(WIRES))
    if (other !== wire && (await hasApi(client, config, other, signal))) others.push(other.name);
  const message = `The server has no ${path}, which the wire \`${name}\` needs.`;
  const hint = others.length > 0 ? `Use \`wire: ${others[0]}\`, which is there.` : 'Check `base_url`: it usually ends in /v1.';
  return problem('wire', new ThreadlineError('unsupported', message, { hint, details: { wire: name, others } }));
}

async function hasApi(client: OpenAI, config: Config, wire: Wire, signal: AbortSignal): Promise<boolean> {
  try {
    await askBriefly(signal, (limit) => wire.probe(client, { signal: limit }));
    return true;
  } catch (thrown) {
    signal.throwIfAborted();
    const { code, message, details } = failureOf(thrown, config, client);
    // A server that complains about the missing model has the API.
    if (code === 'not_found') return /\bmodel\b/i.test(message);
    return details?.status !== 405 && details?.status !== 501;
  }
}
