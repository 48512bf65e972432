import { ThreadlineError } from '../shared/errors/errors.ts';
import { isObject, type Json } from '../shared/json/json.ts';
import { parseYaml } from './parse.ts';

/** Parses a YAML or JSON file for a provider; null if the data is neither a map nor a list. Throws `invalid_config`. */
export function parseDataFile(text: string, file: string): Json {
  const { data, problems } = parseYaml(text, file);
  const problem = problems.find((one) => one.severity === 'error');
  if (problem)
    throw new ThreadlineError('invalid_config', `${file}:${problem.place.line}:${problem.place.column}: ${problem.message}.`);
  return isObject(data) || Array.isArray(data) ? data : null;
}
