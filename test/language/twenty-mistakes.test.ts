import { describe, expect, test } from '@jest/globals';
import { mistakes, underlined } from './support.ts';

const TEXT = `workflow:
  id: twenty
  descripton: one
  triggers:
    - type: alert
      cel: severity = 'critical'
  inputs:
    - name: region
      type: strng
    - name: region
  consts:
    greeting: "Hello {{ inputs.regoin }}"
  env: [HOME]
  timeout: 5 minutes
  steps:
    - name: lookup
      providr:
        type: mock
    - name: fetch
      provider:
        type: htp
        with: { url: "https://example.com" }
    - name: call
      retry: { attempts: 0 }
      provider:
        type: http
        with:
          url: "https://{{ alert.host }}/x"
          methd: GET
          verify: "yes"
    - name: ask
      needs: [lokup]
      if: "{{ steps.say.results }} == 'x'"
      provider:
        type: openaiassistant
        with:
          prompt: "{{ alert.name | upper }}"
          model: m
          temperature: 3
          response_format:
            schema:
              type: object
              properties: { severity: { type: strng } }
              required: [sevrity]
    - name: say
      concurrency: 2
      provider:
        type: console
        with:
          message: "{{ incident.name }} {{ env.HOM }} {{ stps.call.results }} {{ steps.call.result }} {{ foreach.value }}"
          severity: wraning
    - name: key
      provider: { type: mock, with: { output: sk-abcdefghijklmnopqrstuvwx } }
  outputs:
    verdict: "{{ steps.aks.results.response }}"
    helper: "{{#iff alert.x}}y{{/iff}}"
`;

/** Where, which code, what is underlined, and the word that helps. */
const EXPECTED: [place: string, code: string, underlined: string, helps: string][] = [
  ['3:3', 'unknown-key', 'descripton', '`description`'],
  ['6:21', 'expression', '=', '`==`'],
  ['9:13', 'invalid-value', 'strng', '`string`'],
  ['10:13', 'duplicate-name', 'region', '`region`'],
  ['12:25', 'unknown-name', 'inputs.regoin', '`region`'],
  ['14:12', 'invalid-value', '5 minutes', '`2m`'],
  ['17:7', 'unknown-key', 'providr', '`provider`'],
  ['21:15', 'unknown-provider', 'htp', '`http`'],
  ['24:26', 'invalid-value', '0', 'at least 1'],
  ['28:28', 'untrusted-target', 'alert.host', 'inputs, consts or env'],
  ['29:11', 'unknown-key', 'methd', '`method`'],
  ['30:19', 'wrong-type', '"yes"', 'true or false'],
  ['32:15', 'unknown-step', 'lokup', '`lookup`'],
  ['33:15', 'step-order', 'steps.say.results', '`needs`'],
  ['37:34', 'jinja', '| upper', '{{ upper alert.name }}'],
  ['39:24', 'invalid-value', '3', 'at most 2'],
  ['43:47', 'invalid-value', 'strng', '`string`'],
  ['44:26', 'invalid-value', 'sevrity', '`severity`'],
  ['46:7', 'invalid-value', 'concurrency', '`foreach`'],
  ['50:24', 'unknown-root', 'incident.name', '- type: incident'],
  ['50:44', 'unknown-name', 'env.HOM', '`HOME`'],
  ['50:58', 'unknown-root', 'stps.call.results', '`steps`'],
  ['50:82', 'unknown-name', 'steps.call.result', '`results`'],
  ['50:106', 'unknown-root', 'foreach.value', '`foreach`'],
  ['51:21', 'invalid-value', 'wraning', '`warning`'],
  ['53:47', 'secret-in-clear', 'sk-abcdefghijklmnopqrstuvwx', '{{ secrets.NAME }}'],
  ['55:18', 'unknown-step', 'steps.aks.results.response', '`ask`'],
  ['56:17', 'template', 'iff', '`if`'],
];

describe('a file with many mistakes', () => {
  test('gives as many diagnostics, each with line, column, code and the right word', async () => {
    const found = await mistakes(TEXT);

    const summary = found.map((one) => [`${one.place.line}:${one.place.column}`, one.code, underlined(one, TEXT)]);
    expect(summary).toEqual(EXPECTED.map(([place, code, piece]) => [place, code, piece]));
    for (const [index, [, , , helps]] of EXPECTED.entries())
      expect(`${found[index]?.message} ${found[index]?.hint}`).toContain(helps);
  });
});
