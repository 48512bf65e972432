/** US dollars per million tokens. */
interface Price {
  input: number;
  /** For prompt tokens from the server's cache; `input` where it is not given. */
  cached_input?: number;
  output: number;
}

/**
 * Prices of models, as the user states them: none are built in, because they change. A name may have `*` for any text; the
 * longest name that fits wins.
 */
export type Prices = Readonly<Record<string, Price>>;

export interface PricedUsage {
  /** The model that answered. */
  model: string;
  /** Tokens from the cache included. */
  prompt_tokens: number | null;
  cached_tokens: number;
  completion_tokens: number | null;
}

const SNAPSHOT_DATE = /-\d{4}-\d{2}-\d{2}$/;
const PER = 1_000_000;

/** The cost of that many tokens, in US dollars; null, never 0, when no price fits the model or the tokens are not known. */
export function costOf(usage: PricedUsage, prices: Prices): number | null {
  const price = priceOf(usage.model, prices);
  const { prompt_tokens: prompt, completion_tokens: completion } = usage;
  if (!price || prompt === null || completion === null) return null;
  const cached = Math.min(usage.cached_tokens, prompt);
  const input = (prompt - cached) * price.input + cached * (price.cached_input ?? price.input);
  // Twelve digits: further ones are noise of binary fractions.
  return Number(((input + completion * price.output) / PER).toPrecision(12));
}

/** A dated snapshot costs what its family costs, unless it has a price of its own. */
function priceOf(model: string, prices: Prices): Price | undefined {
  const family = model.replace(SNAPSHOT_DATE, '');
  const fitting = Object.entries(prices).filter(([name]) => fits(name, model) || fits(name, family));
  return fitting.sort(([one], [other]) => exactness(other) - exactness(one))[0]?.[1];
}

/** How many characters of a name are not `*`; of two equal names, the one without it is more exact. */
const exactness = (name: string): number => name.replaceAll('*', '').length + (name.includes('*') ? 0 : 0.5);

function fits(name: string, model: string): boolean {
  const [first = '', ...rest] = name.split('*');
  const last = rest.pop();
  if (last === undefined) return name === model;
  if (!model.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = model.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return model.length - last.length >= at && model.endsWith(last);
}
