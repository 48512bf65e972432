import { describe, expect, test } from '@jest/globals';
import { compileUrl } from '../../src/language/url.ts';

const scope = { alert: { name: 'a/b?c' }, inputs: { host: 'eu.example', region: 'eu', eu: true } };
const rendered = (text: string) => compileUrl(text, []).compiled.evaluate(scope);

describe('a value never leads to another path', () => {
  const at = (name: string) => ({ ...scope, alert: { name } });
  test.each([
    ['https://x.example/hosts/{{ alert.name }}', '..'],
    ['https://x.example/hosts/{{ alert.name }}/restart', '.'],
    ['/hosts/{{ alert.name }}?all=1', '..'],
    ['https://x.example/hosts/.{{ alert.name }}', '.'],
    ['https://x.example/{{{ alert.name }}}', 'a/../../b'],
    ['https://x.example/{{{ alert.name }}}', 'a/%2e%2E/b'],
    ['https://x.example/{{{ alert.name }}}', 'a\\..\\..\\b'],
    ['https://x.example/{{{ alert.name }}}', 'a/.\t./b'],
    ['https://x.example/{{{ alert.name }}}', 'a/.. '],
    ['https://x.example/keep.encode({{ alert.name }})', 'a/../../b'],
  ])('%s with %s is an error', (text, name) => {
    const { compiled } = compileUrl(text, []);
    expect(() => compiled.evaluate(at(name))).toThrow('leads elsewhere');
  });

  test.each([
    ['https://x.example/hosts/{{ alert.name }}', '...', 'https://x.example/hosts/...'],
    ['https://x.example/hosts?name={{ alert.name }}', '..', 'https://x.example/hosts?name=..'],
    ['https://x.example/v1/../v2/{{ alert.name }}', 'a', 'https://x.example/v1/../v2/a'],
    ['https://x.example/v{{ alert.name }}', '..', 'https://x.example/v..'],
  ])('%s with %s is none', (text, name, expected) => {
    expect(compileUrl(text, []).compiled.evaluate(at(name))).toBe(expected);
  });
});

describe('a part of the path that would be empty is an error, for the path would be another one', () => {
  const at = (name: string | null) => ({ ...scope, alert: { name } });
  test.each([
    ['https://x.example/hosts/{{ alert.name }}', null],
    ['https://x.example/hosts/{{ alert.name }}/restart', ''],
    ['https://x.example/hosts/{{ alert.name }}?all=1', ''],
    ['https://x.example/hosts/keep.encode({{ alert.name }})', ''],
    ['https://x.example/hosts/{{{ alert.name }}}', ''],
  ])('%s', (text, name) => {
    const { compiled } = compileUrl(text, []);
    expect(() => compiled.evaluate(at(name))).toThrow(/is empty, and without it the url leads elsewhere/);
  });

  test.each([
    ['https://x.example/hosts?name={{ alert.name }}', 'https://x.example/hosts?name='],
    ['https://x.example/hosts-{{ alert.name }}', 'https://x.example/hosts-'],
    ['https://x.example/{{#if alert.name}}{{ alert.name }}{{/if}}', 'https://x.example/'],
  ])('%s is none', (text, expected) => {
    expect(compileUrl(text, []).compiled.evaluate(at(''))).toBe(expected);
  });
});

describe('what keep.encode has encoded is not encoded once more', () => {
  test.each([
    ['https://x.example/?q=keep.encode({{ alert.name }})', 'https://x.example/?q=a/b%3Fc'],
    ["https://x.example/?q=keep.encode('{{ alert.name }}')&r={{ alert.name }}", 'https://x.example/?q=a/b%3Fc&r=a%2Fb%3Fc'],
    ['https://x.example/?q={{ keep.encode(alert.name) }}', 'https://x.example/?q=a/b%3Fc'],
    ['https://x.example/?q={{ keep.encode(alert.name) + alert.name }}', 'https://x.example/?q=a%2Fb%253Fca%2Fb%3Fc'],
  ])('%s', (text, expected) => {
    expect(rendered(text)).toBe(expected);
  });
});

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
