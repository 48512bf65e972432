import type OpenAI from 'openai';
import { type Finding, type JsonObject, momentOf, ThreadlineError, toJson } from 'threadline/provider';
import { didYouMean } from 'threadline/runtime';
import type { Config } from '../contract/schema.ts';
import type { Server } from '../dialects/server.ts';
import { ok, orFailure, problem, skipped, warning } from './finding.ts';
import { askBriefly, failureOf, type ListedModel, listedModel } from './probe.ts';
import { shutdownDateOf } from './shutdown-dates.ts';

export interface ModelQuestion {
  client: OpenAI;
  config: Config;
  server: Server;
  model: string;
  /** Undefined where the server does not list its models. */
  models: ListedModel[] | undefined;
  signal: AbortSignal;
  /** Milliseconds since 1970. */
  now: number;
}

/** Whether the server has the model, and when it is shut down. */
export async function modelFinding(question: ModelQuestion): Promise<Finding> {
  const { server, model, models } = question;
  if (server.name === 'azure')
    return skipped('model', `\`${model}\` is a deployment, and those are not listed: the hello shows whether it is there.`);
  const listed = models?.find(({ id }) => id === model);
  const found = listed ?? (await retrieve(question));
  if (found instanceof ThreadlineError) return missing(question, found);
  return shutdownWarning(question, found) ?? ok('model', `The server has \`${model}\`.`);
}

/** Asks for a model that is not listed: aliases and fine-tuned models often are not. */
async function retrieve({ client, config, model, signal }: ModelQuestion): Promise<ListedModel | ThreadlineError> {
  const asked = askBriefly(signal, (limit) => client.models.retrieve(model, { signal: limit })).catch((thrown: unknown) => {
    throw failureOf(thrown, config, client);
  });
  const answer = await orFailure(asked, signal);
  if (answer instanceof ThreadlineError) return answer;
  return listedModel({ ...(toJson(answer) as JsonObject), id: model })[0] as ListedModel;
}

function missing({ model, models, server }: ModelQuestion, error: ThreadlineError): Finding {
  if (error.code !== 'not_found')
    return warning('model', `It is not known whether the server has \`${model}\`: ${error.message}`);
  const names = (models ?? []).map(({ id }) => id);
  if (names.length === 0)
    return warning('model', `The server does not say whether it has \`${model}\`.`, { hint: 'The hello shows it.' });
  const message = `${server.host} has no model \`${model}\`, or the key may not use it.`;
  const hint = didYouMean(model, names) ?? `There are: ${firstOf(names)}.`;
  return problem('model', new ThreadlineError('not_found', message, { hint, details: { model } }));
}

const MOST = 8;
const firstOf = (names: string[]): string =>
  `${names.slice(0, MOST).join(', ')}${names.length > MOST ? ` and ${names.length - MOST} more` : ''}`;

const DAY_MS = 86_400_000;

function shutdownWarning({ model, server, now }: ModelQuestion, { shutdownDate }: ListedModel): Finding | undefined {
  const date = shutdownDate ?? (server.name === 'openai' ? shutdownDateOf(model) : undefined);
  const dateMs = momentOf(date);
  if (date === undefined || dateMs === undefined) return undefined;
  const days = Math.ceil((dateMs - now) / DAY_MS);
  const when = days > 0 ? `is shut down on ${date}, in ${days} day${days === 1 ? '' : 's'}` : `was shut down on ${date}`;
  const details = { model, shutdown_date: date };
  return warning('model', `\`${model}\` ${when}.`, { hint: 'Change `model` to one that stays.', details });
}
