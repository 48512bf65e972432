import type { Server } from '../dialects/server.ts';
import { type Question, unsupportedError, unsupportedFeatures, type WireLimits, withoutFeature } from './features.ts';

export interface AdaptOptions {
  wire: WireLimits;
  server: Server;
  /** Leave out what cannot be done, and say so; otherwise refuse. */
  isLenient: boolean;
  warn(message: string): void;
}

/**
 * The question as this wire and this server can take it.
 *
 * @throws ThreadlineError `unsupported`, with the field and the wire, before anything is paid.
 */
export function adapt(question: Question, { wire, server, isLenient, warn }: AdaptOptions): Question {
  let adapted = withFormatInWords(question, server);
  for (const { feature, hint } of unsupportedFeatures(adapted, wire, server)) {
    const unsupported = unsupportedError(feature, hint, wire, server);
    if (!isLenient) throw unsupported;
    warn(`${unsupported.message.replace(/\.$/, '')}: it is left out.`);
    adapted = withoutFeature(adapted, feature);
  }
  return adapted;
}

/** A server that does not enforce a format is told it in words: the answer is checked here in any case. */
export function withFormatInWords({ ask, items }: Question, { can }: Server): Question {
  const { format } = ask;
  if (format.type === 'text' || can[format.type]) return { ask, items };
  const wish = 'Answer with a JSON object only, without any text around it.';
  const told = format.type === 'json_schema' ? `${wish} It must fit this JSON Schema:\n${JSON.stringify(format.schema)}` : wish;
  const additionalInstructions = [ask.additionalInstructions, told].filter(Boolean).join('\n\n');
  const next =
    format.type === 'json_schema' && can.json_object ? ({ type: 'json_object' } as const) : ({ type: 'text' } as const);
  return { ask: { ...ask, format: next, additionalInstructions }, items };
}

/** The question and the server for a route whose server does not have the step's files: tools that need files do without. */
export function withoutFilesOf({ ask, items }: Question, server: Server): { question: Question; server: Server } {
  const tools = ask.tools.map((tool) => (tool.type === 'code_interpreter' ? { ...tool, fileIds: [] } : tool));
  const can = { ...server.can, files: false, file_search: false };
  return { question: { ask: { ...ask, tools }, items }, server: { ...server, can } };
}
