import { describe, expect, test } from '@jest/globals';
import { ALERT_STATUSES } from '../../src/alerts/adapters/alert.ts';
import { ThreadlineError } from '../../src/shared/errors/errors.ts';
import type { Json } from '../../src/shared/json/json.ts';
import { fc } from '../support/properties.ts';
import { adapt, adaptOne, fixture, fixtureNames } from './support.ts';

/** Any body gives alerts with a fingerprint, or a refusal; anything else is a bug. */
function holds(body: Json, format?: string): void {
  let adapted: ReturnType<typeof adapt>;
  try {
    adapted = adapt(body, format);
  } catch (error) {
    if (error instanceof ThreadlineError && error.code === 'invalid_input' && error.hint) return;
    throw error;
  }
  expect(adapted.alerts.length).toBeGreaterThan(0);
  for (const alert of adapted.alerts) {
    expect(alert).toMatchObject({ fingerprint: expect.stringMatching(/\S/) });
    expect(JSON.parse(JSON.stringify(alert))).toEqual(alert);
    expect(adapt([alert]).alerts).toHaveLength(1);
    if (!LOOSE.has(adapted.format)) expect(alert).toMatchObject(SHAPE);
  }
}

/** Formats whose alerts users may build themselves. */
const LOOSE = new Set(['plain', 'keep-alert', 'cloudevents', 'mixed']);
const text = expect.any(String);
const oneOf = (words: readonly string[]) => expect.stringMatching(new RegExp(`^(${words.join('|')})$`));
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
const SHAPE = {
  ...{ id: text, name: text, message: text, description: text, environment: text, lastReceived: time },
  ...{ status: oneOf(ALERT_STATUSES), severity: text, source: [text] },
  ...{ labels: expect.any(Object), raw: expect.any(Object) },
};

type Path = (string | number)[];
const pathsOf = (value: Json, path: Path = []): Path[] =>
  value !== null && typeof value === 'object'
    ? [path, ...Object.entries(value).flatMap(([key, item]) => pathsOf(item, [...path, key]))]
    : [path];

function damage(body: Json, path: Path, value: Json | undefined): Json {
  const [key, ...rest] = path;
  if (key === undefined) return value ?? null;
  const copy: Record<string, Json> = Array.isArray(body) ? (body.slice() as never) : { ...(body as Record<string, Json>) };
  // An earlier damage made the list shorter; a list with a hole is not JSON.
  if (Array.isArray(copy) && Number(key) > copy.length) return body;
  if (rest.length === 0 && value === undefined) Array.isArray(copy) ? copy.splice(Number(key), 1) : delete copy[key];
  else copy[key] = damage(copy[key] ?? null, rest, value);
  return copy;
}

/** Through text and back, because JSON has no -0 and no body contains one. */
const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as Json);
const odd = fc.constantFrom<(Json | undefined)[]>(
  undefined,
  null,
  '',
  ' ',
  0,
  -1,
  1e300,
  true,
  [],
  {},
  [[]],
  [null],
  '{',
  'P9',
  '__proto__',
);

describe('hostile bodies', () => {
  test('any JSON gives alerts with a fingerprint or a refusal', () => {
    fc.assert(fc.property(json, (body) => holds(body)));
  });

  test.each(fixtureNames)('%s, damaged anywhere', (name) => {
    const body = fixture(name);
    const paths = pathsOf(body);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(paths.length - 1), fc.oneof(odd, json)), { minLength: 1, maxLength: 3 }),
        (damages) => {
          let damaged: Json = body;
          for (const [index, value] of damages) {
            const path = paths[index] ?? [];
            if (reaches(damaged, path)) damaged = damage(damaged, path, value);
          }
          holds(damaged);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('each value of each fixture, replaced by odd values one at a time', () => {
    const kinds: (Json | undefined)[] = [undefined, null, '', 7, true, [], {}, [null], { a: [1] }];
    for (const name of fixtureNames) {
      const body = fixture(name);
      for (const path of pathsOf(body)) for (const kind of kinds) holds(damage(body, path, kind));
    }
  });

  test('keys that reach prototypes are left out', () => {
    const labels = '{"alertname":"A","__proto__":{"polluted":1},"constructor":"x"}';
    const alert = adaptOne(JSON.parse(`{"alerts":[{"labels":${labels},"fingerprint":"f"}],"__proto__":{"a":1}}`));
    expect(Object.keys(alert.labels as object)).toEqual(['alertname']);
    expect(JSON.stringify(alert)).not.toMatch(/polluted|constructor/);
    const tags = adaptOne({ ...fixture('datadog-firing'), tags: '__proto__:x,constructor:y,service:z' });
    expect(tags.labels).toEqual({ service: 'z', host: 'orders-3' });
    expect(Object.getPrototypeOf(tags.labels)).toBe(Object.prototype);
  });

  test('data that is nested too deep is refused, also within a text', () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    expect(() => adapt(JSON.parse(deep))).toThrow(expect.objectContaining({ code: 'invalid_input' }));
    expect(() => adapt({ ...fixture('cloudwatch-sns-firing'), Message: `{"a":${deep}}` })).toThrow(
      expect.objectContaining({ code: 'invalid_input' }),
    );
  });

  test.each(['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', '//evil.example', 'not a url'])(
    '%s is not taken for a link',
    (html_url) => {
      const alert = adaptOne({ event: { event_type: 'incident.triggered', data: { id: 'P1', html_url } } });
      expect(alert.url).toBeNull();
    },
  );

  test('long runs of marks, tags and pairs are read quickly', () => {
    const started = performance.now();
    const long = 500_000;
    adaptOne({ ...fixture('datadog-firing'), title: '[P1] '.repeat(long), tags: 'a:b,'.repeat(long), scopes: ','.repeat(long) });
    adaptOne({ ...fixture('pagerduty-events-firing'), client_url: `http://${'a'.repeat(long)}`, event_action: '-'.repeat(long) });
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

const reaches = (body: Json, path: Path): boolean =>
  path.slice(0, -1).reduce<Json | undefined>((value, key) => (value as never)?.[key], body) instanceof Object;
