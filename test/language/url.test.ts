import { describe, expect, test } from '@jest/globals';
import { compileUrl } from '../../src/language/url.ts';

const scope = { alert: { name: 'a/b?c' }, inputs: { host: 'eu.example', region: 'eu', eu: true } };
const rendered = (text: string) => compileUrl(text, []).compiled.evaluate(scope);

describe('what tags put in behind the host is percent-encoded, whatever stands in the host', () => {
  test.each([
    ['https://x.example/{{ alert.name }}?n={{ alert.name }}', 'https://x.example/a%2Fb%3Fc?n=a%2Fb%3Fc'],
    ['https://{{ inputs.host }}/{{ alert.name }}', 'https://eu.example/a%2Fb%3Fc'],
    ['https://{{#if inputs.eu}}eu{{else}}us{{/if}}.example/{{ alert.name }}', 'https://eu.example/a%2Fb%3Fc'],
    ['https://{{! the host }}x.example/{{ alert.name }}', 'https://x.example/a%2Fb%3Fc'],
    ['https://x.example/{{^inputs.none}}{{ alert.name }}{{/inputs.none}}', 'https://x.example/a%2Fb%3Fc'],
    ['https://x.example/{{{ alert.name }}}', 'https://x.example/a/b?c'],
  ])('%s', (text, expected) => {
    expect(rendered(text)).toBe(expected);
  });
});
