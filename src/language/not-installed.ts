import type { DataPath } from '../shared/json/json.ts';
import { didYouMean } from '../shared/text/suggest.ts';
import type { StepContext } from './step-context.ts';

/** Keep's providers, and providers with stubs, need not be installed; an unknown provider is a mistake. */
export function reportNotInstalled(type: string, step: string, path: DataPath, context: StepContext): void {
  const { installed, broken, known, instead, isStubbed, report } = context;
  if (isStubbed?.(type, step)) return;
  const failure = broken.get(type);
  if (failure) {
    const { message, hint } = failure;
    report.at(path, { code: 'broken-provider', message: message.replace(/\.$/, ''), ...(hint ? { hint } : {}) });
    return;
  }
  const [whole = ''] = type.split('.');
  // An unknown part of an installed provider is a mistake.
  if (known.includes(type) || (known.includes(whole) && !installed.includes(whole))) {
    const message = `provider \`${type}\` is one of Keep's and is not installed`;
    const meant = Object.hasOwn(instead, whole) ? instead[whole] : undefined;
    const hint = meant ?? 'Call its API with `http`, write a provider folder of your own, or run the workflow with `--stubs`.';
    report.at(path, { code: 'provider-not-installed', severity: 'warning', message, hint });
    return;
  }
  const hint = didYouMean(type, [...installed, ...known]) ?? `Installed are: ${installed.join(', ')}.`;
  report.at(path, { code: 'unknown-provider', message: `there is no provider \`${type}\``, hint });
}
