import { type DataPath, isObject, type Json } from '../shared/json/json.ts';
import type { Report } from './report.ts';

/** Patterns of well-known credentials. */
const CREDENTIALS: [name: string, shape: RegExp][] = [
  ['an OpenAI key', /\bsk-[A-Za-z0-9_-]{20,}/],
  ['a Slack token', /\bxox[abpors]-[A-Za-z0-9-]{10,}/],
  ['a Slack webhook', /hooks\.slack\.com\/services\/T[A-Z0-9]+\/B[A-Z0-9]+\/\w{16,}/],
  ['a GitHub token', /\b(ghp|gho|ghs|ghr|github_pat)_[A-Za-z0-9_]{20,}/],
  ['an AWS key', /\bAKIA[0-9A-Z]{16}\b/],
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
];

/** Reports credentials in the file: workflow files are shared and committed, so they may only name them. */
export function findSecrets(data: Json, report: Report, path: DataPath = []): void {
  if (typeof data === 'string') {
    for (const [name, shape] of CREDENTIALS) {
      if (!shape.test(data)) continue;
      const hint = 'Put it into the environment and write `{{ secrets.NAME }}`.';
      report.at(path, { code: 'secret-in-clear', message: `this looks like ${name}`, hint });
      return;
    }
  } else if (Array.isArray(data)) for (const [index, item] of data.entries()) findSecrets(item, report, [...path, index]);
  else if (isObject(data)) for (const [key, item] of Object.entries(data)) findSecrets(item, report, [...path, key]);
}
