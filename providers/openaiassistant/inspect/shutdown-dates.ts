/** Shutdown dates of OpenAI's models, as announced by November 2026. A date that the server itself tells comes first. */
const DATES: Record<string, readonly string[]> = {
  '2026-10-23': ['gpt-4.1-nano', 'o1', 'o3-mini', 'o4-mini', 'gpt-4-turbo', 'gpt-3.5-turbo'],
  '2026-12-11': ['gpt-5', 'gpt-5-mini', 'gpt-5-nano', 'o3'],
  '2027-01-14': ['gpt-4o', 'gpt-4o-mini', 'gpt-4.1', 'gpt-4.1-mini'],
  '2027-04-01': ['gpt-5.1', 'gpt-5.4-nano'],
};

const SNAPSHOT_DATE = /-\d{4}-\d{2}-\d{2}$/;

/** `2027-01-14`; undefined where no date is known. */
export function shutdownDateOf(model: string): string | undefined {
  const family = model.replace(SNAPSHOT_DATE, '');
  return Object.entries(DATES).find(([, models]) => models.includes(family))?.[0];
}
