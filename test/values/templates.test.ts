import { describe, expect, test } from '@jest/globals';
import { compileTemplate, helperNames, helpers, type OutputTag } from '../../src/values/index.ts';
import { failure, options, render, scope } from './scope.ts';

describe('a value that is one tag keeps its type', () => {
  test.each([
    ['{{ alert.count }}', 70],
    ['{{alert.firing}}', true],
    ['{{ alert.nothing }}', null],
    ['{{ alert.tags }}', ['db', 'prod']],
    ['{{ alert.labels }}', scope.alert.labels],
    ['{{~ alert.count ~}}', 70],
    ['{{{ alert.count }}}', 70],
    ['{{& alert.count }}', 70],
    ['{{~{ alert.count }}}', 70],
    ['{{ 3 }}', 3],
    ['{{ true }}', true],
    ['{{ "x" }}', 'x'],
    ['{{ {"a": {"b": alert.count}} }}', { a: { b: 70 } }],
    ['{{ alert.count > 3 }}', true],
    ["{{ alert.severity == 'critical' }}", true],
    ['{{ inputs.limit - 1 }}', 9],
    ['{{ (inputs.limit - 1) * 2 }}', 18],
  ])('%s', (template, expected) => {
    expect(render(template)).toEqual(expected);
  });
});

describe('inside text, strings go in as they are, null as nothing, the rest as JSON', () => {
  test.each([
    ['{{ alert.count }} ', '70 '],
    ['{{ alert.count }}{{! of a hundred }}', '70'],
    [' {{ alert.tags }}', ' ["db","prod"]'],
    ['[{{ alert.nothing }}]', '[]'],
    ['{{ alert.items.0.parts.0 }}!', '{"id":1}!'],
    ['{{ alert.name }}{{ alert.name }}', 'Disk fullDisk full'],
    ['<{{ "a & \'b\'" }}>', "<a & 'b'>"],
  ])('%s', (template, expected) => {
    expect(render(template)).toBe(expected);
  });
});

describe('paths', () => {
  test.each([
    ['{{ alert.items.0.name }}', 'a'],
    ['{{ alert.items[1].name }}', 'b'],
    ["{{ alert['labels']['k8s.io/app'] }}", 'web'],
    ['{{ alert.labels["two words"] }}', 'yes'],
    ['{{ alert.labels.[two words] }}', 'yes'],
    ['{{ alert.labels.@timestamp }}', 12],
    ['{{ steps.get-pods.results.count }}', 4],
    ['{{ alert.labels[inputs.key] }}', 'sre'],
    ['{{ @root.alert.count }}', 70],
    ['{{ steps.get-pods.results.count > 3 }}', true],
  ])('%s', (template, expected) => {
    expect(render(template)).toEqual(expected);
  });

  test('an item is asked for a name before the roots are, which stay reachable', () => {
    expect(render('{{#each alert.items}}{{ name }}/{{ alert.name }} {{/each}}')).toBe('a/Disk full b/Disk full ');
    expect(render('{{#each alert.items}}{{#if count > 1}}{{ name }}{{/if}}{{/each}}')).toBe('b');
    expect(render('{{#each alert.items as |item|}}{{ item.count + 1 }}{{ @index + 1 }} {{/each}}')).toBe('21 32 ');
    expect(render('{{#each alert.items}}{{#if this.count == 1 && ../alert.firing}}x{{/if}}{{/each}}')).toBe('x');
  });
});

describe('what is not there is an error that says what is', () => {
  test.each([
    ['{{ alert.serverity }}', '`alert.serverity` is not there.', 'Did you mean `alert.severity`?'],
    ['a {{ alert.labels.teem }}', '`alert.labels.teem` is not there.', 'Did you mean `alert.labels.team`?'],
    ['{{ steps.plain.reslts.x }}', '`steps.plain.reslts.x` is not there.', 'Did you mean `steps.plain.results.x`?'],
    ['{{ steps.plain.zzz }}', '`steps.plain.zzz` is not there.', '`steps.plain` has: results, status.'],
    ['{{ alert.tags[7] }}', '`alert.tags[7]` is not there.', '`alert.tags` is a list of 2; its first item is `alert.tags[0]`.'],
    ['{{ alert.labels.length }}', '`alert.labels.length` is not there.', expect.stringContaining('`alert.labels` has: team')],
    ['{{ alert.count.length }}', '`alert.count.length` is not there.', '`alert.count` is a number and has no fields.'],
    ['{{ alret.name }}', '`alret.name` is not there.', 'Did you mean `alert.name`?'],
    ['{{ upper alert.nam }}', '`alert.nam` is not there.', 'Did you mean `alert.name`?'],
    ['{{#each alert.items}}{{ this.nam }}{{/each}}', '`this.nam` is not there.', 'Did you mean `this.name`?'],
    ['{{#each alert.missing}}{{/each}}', '`alert.missing` is not there.', expect.stringContaining('has: name, severity')],
  ])('%s', (template, message, hint) => {
    expect(failure(() => render(template))).toMatchObject({ code: 'missing_value', message, hint });
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'constructor.prototype'])('%s is never reached', (key) => {
    for (const start of ['alert', 'alert.name', 'alert.tags', 'alert.count', 'steps']) {
      expect(failure(() => render(`{{ ${start}.${key} }}`)).code).toBe('missing_value');
      expect(failure(() => render(`{{ ${start}["${key.split('.', 1)}"] }}`)).code).toBe('missing_value');
    }
    expect(failure(() => render(`{{ ${key} }}`)).code).toBe('missing_value');
  });

  test.each([
    ['{{ default alert.x "n/a" }}', 'n/a'],
    ['{{ default alert.empty alert.nothing "n/a" }}', 'n/a'],
    ['{{ default (upper alert.x) "n/a" }}', 'n/a'],
    ['{{ default alert.zero 5 }}', 0],
    ['{{#if steps.nope.results}}x{{else}}y{{/if}}', 'y'],
    ['{{#if (eq alert.x "a")}}x{{else}}y{{/if}}', 'y'],
    ['{{#if not alert.x}}x{{/if}}', 'x'],
    ['{{#unless alert.x.y}}x{{/unless}}', 'x'],
    ['{{ has(alert.x) }}', false],
    ['{{ alert.x == null }}', true],
  ])('%s asks without error', (template, expected) => {
    expect(render(template)).toBe(expected);
  });
});

describe("Handlebars' ways to read", () => {
  test.each([
    ['{{#if alert.tags.length}}{{ alert.tags.length }}{{else}}none{{/if}}', '2'],
    ['{{#if alert.none.length}}x{{else}}none{{/if}}', 'none'],
    ['{{#unless alert.tags.length}}none{{/unless}}', ''],
    ['{{#if (gt alert.tags.length 1)}}many{{/if}}', 'many'],
    ['{{#if alert.tags.length > 1}}many{{/if}}', 'many'],
    ['{{ alert.name.length }} letters', '9 letters'],
    ['{{#each alert.items}}{{ ./name }}{{ ./parts.length }} {{/each}}', 'a2 b0 '],
    ['{{#each alert.items}}{{#if ./count > 1}}{{ ./name }}{{/if}}{{/each}}', 'b'],
    ['{{#each alert.tags}}{{ ./this }},{{/each}}', 'db,prod,'],
    ['{{#with alert}}{{ ./name }}{{/with}}', 'Disk full'],
    ['{{ ./alert.name }}!', 'Disk full!'],
    ['{{#each alert.items as |item outer|}}{{#each parts}}{{ outer }}.{{ @index }} {{/each}}{{/each}}', '0.0 0.1 '],
  ])('%s', (template, expected) => {
    expect(render(template)).toBe(expected);
  });

  test.each([
    ['{{#each alert.items}}{{#each parts}}{{ @../index }}{{/each}}{{/each}}', '@../index', 'as |item index|'],
    ['{{#if @../first}}x{{/if}}', '@../first', 'as |item index|'],
    ['{{#if alert.count includeZero=true}}x{{/if}}', 'includeZero=', '{{#if x != null}}'],
  ])('%s is refused', (template, place, hint) => {
    const [problem] = compileTemplate(template, options).problems;
    expect(problem?.hint).toContain(hint);
    expect(template.slice(problem?.offset, (problem?.offset ?? 0) + (problem?.length ?? 0))).toBe(place);
  });
});

describe('helpers', () => {
  test.each(helpers.map((helper) => [helper.signature, helper] as const))('%s does what its example says', (_, helper) => {
    expect(render(helper.example.template, helper.example.scope)).toEqual(helper.example.result);
    expect(helper.description).toMatch(/\.$/);
    expect(helperNames).toContain(helper.name);
  });

  test.each([
    ['{{ json alert.tags 2 }}', '[\n  "db",\n  "prod"\n]'],
    ['{{ json alert.tags indent=2 }}', '[\n  "db",\n  "prod"\n]'],
    ['{{ join (slice alert.tags 1) "-" }}', 'prod'],
    ['{{ upper (join alert.tags) }}', 'DB, PROD'],
    ['{{ eq (length alert.tags) 2 }}', true],
    ['{{ or (alert.count > 90) (eq alert.name "Disk full") }}', true],
    ['{{ replace alert.name "k" "$&" }}', 'Dis$& full'],
    ['{{ join alert.tags "\\n" }}', 'db\nprod'],
    ['{{ default alert.x "}}" }}', '}}'],
  ])('%s', (template, expected) => {
    expect(render(template)).toBe(expected);
  });
});

describe('encode', () => {
  const encoding = {
    ...options,
    encode: (text: string, { offset, isRaw }: OutputTag) => `<${offset}:${isRaw ? text : encodeURIComponent(text)}>`,
  };
  const encoded = (text: string) => compileTemplate(text, encoding).evaluate(scope);

  test('is applied to what each tag puts into text, and is told where the tag stands', () => {
    expect(encoded('/a/{{ alert.name }}?n={{ alert.count }}')).toBe('/a/<3:Disk%20full>?n=<22:70>');
    expect(encoded('/{{#each alert.tags}}{{ this }}{{/each}}{{ alert.count }}')).toBe('/<21:db><21:prod><40:70>');
  });

  test('is told of raw tags, and leaves whole values alone', () => {
    expect(encoded('/{{{ alert.name }}}/{{& alert.name }}')).toBe('/<1:Disk full>/<20:Disk full>');
    expect(encoded('{{ alert.name }}')).toBe('Disk full');
  });
});

describe('references', () => {
  test('say root, path, place, and whether the value is asked for', () => {
    const template = 'a {{ steps.get-pods.results[0].x }} {{ default alert.y "b" }}';
    expect(compileTemplate(template, options).references).toEqual([
      { root: 'steps', path: ['get-pods', 'results', 0, 'x'], offset: 5, length: 27, optional: false },
      { root: 'alert', path: ['y'], offset: 47, length: 7, optional: true },
    ]);
  });

  test('inside a block, only roots count: other names may be fields of its item', () => {
    const { references } = compileTemplate(
      '{{#each inputs.list as |x|}}{{ name }}{{ x.y }}{{ alert.z }}{{ ../vars.q }}{{/each}}',
    );
    expect(references.map(({ root, path }) => [root, ...path])).toEqual([
      ['inputs', 'list'],
      ['alert', 'z'],
      ['vars', 'q'],
    ]);
  });

  test('a text without any is constant', () => {
    expect(compileTemplate('plain').constant).toBe(true);
    expect(compileTemplate('{{ upper "x" }}').constant).toBe(true);
    expect(compileTemplate('{{ alert.x }}').constant).toBe(false);
  });
});
