import { describe, expect, test } from '@jest/globals';
import Handlebars from 'handlebars';
import { compileTemplate } from '../../src/values/index.ts';
import { fc } from '../support/properties.ts';
import { render, scope } from './scope.ts';

/** Where we claim to be Handlebars, the real one is the judge. */
const TEMPLATES = [
  'plain text',
  '',
  '{{alert.name}}',
  'a {{alert.name}} b',
  'a {{ alert.name }} b {{ alert.severity }}',
  'n: {{alert.count}}, {{alert.ratio}}, {{alert.firing}}, {{alert.muted}}, {{alert.zero}}',
  'null: [{{alert.nothing}}] empty: [{{alert.empty}}]',
  '{{{alert.name}}} and {{&alert.name}}',
  '<b>{{alert.name}}</b> & "quotes"',
  'list: {{alert.tags.[0]}} {{alert.items.0.name}}',
  'literal: {{alert.labels.[two words]}} {{alert.labels.[k8s.io/app]}}',
  'a \\{{escaped}} b {{alert.name}}',
  'a \\{{escaped}} b',
  'a \\\\{{alert.name}} b',
  'one { brace } two',
  '{{! a comment }}x',
  '{{!-- a {{comment}} with }} braces --}}x',
  'a{{!--~ not --}}b',
  '{{#if alert.firing}}yes{{/if}}',
  '{{#if alert.muted}}yes{{/if}}',
  '{{#if alert.muted}}yes{{else}}no{{/if}}',
  '{{#if alert.zero}}yes{{else}}no{{/if}}',
  '{{#if alert.none}}yes{{else}}no{{/if}}',
  '{{#if alert.labels}}yes{{else}}no{{/if}}',
  '{{#if alert.missing}}yes{{else}}no{{/if}}',
  '{{#if alert.missing.deeper}}yes{{else}}no{{/if}}',
  '{{#if alert.muted}}1{{else if alert.firing}}2{{else}}3{{/if}}',
  '{{#if alert.muted}}1{{else if alert.zero}}2{{else}}3{{/if}}',
  '{{#if alert.muted}}1{{else if alert.zero}}2{{/if}}',
  '{{#if alert.muted}}1{{^}}2{{/if}}',
  '{{#unless alert.muted}}calm{{/unless}}',
  '{{#unless alert.firing}}calm{{else}}alarm{{/unless}}',
  '{{#each alert.tags}}{{this}};{{/each}}',
  '{{#each alert.tags}}{{.}};{{/each}}',
  '{{#each alert.tags}}{{@index}}, {{@first}}, {{@last}}; {{/each}}',
  '{{#each alert.labels}}{{@key}}={{this}} {{/each}}',
  '{{#each alert.none}}x{{else}}none{{/each}}',
  '{{#each alert.nothing}}x{{else}}none{{/each}}',
  '{{#each alert.items}}{{name}}:{{this.count}} {{/each}}',
  '{{#each alert.items as |item index|}}{{index}}{{item.name}} {{/each}}',
  '{{#each alert.labels as |value key|}}{{key}}:{{value}} {{/each}}',
  '{{#each alert.items}}{{#each parts}}{{../name}}{{id}} {{/each}}{{/each}}',
  '{{#each alert.items}}{{#if parts}}{{name}} {{/if}}{{/each}}',
  '{{#each alert.items}}{{../alert.name}} {{/each}}',
  '{{#each alert.items}}{{@root.alert.name}} {{/each}}',
  '{{#each alert.items as |item|}}{{#each item.parts as |part|}}{{item.name}}{{part.id}} {{/each}}{{/each}}',
  '{{#with alert.labels}}{{team}}{{/with}}',
  '{{#with alert.labels as |l|}}{{l.team}}{{/with}}',
  '{{#with alert.nothing}}x{{else}}none{{/with}}',
  '{{#with alert}}{{#with labels}}{{team}} {{../name}}{{/with}}{{/with}}',
  '{{#alert.tags}}{{this}},{{/alert.tags}}',
  '{{#alert.labels}}{{team}}{{/alert.labels}}',
  '{{#alert.firing}}on{{/alert.firing}}{{#alert.muted}}off{{/alert.muted}}',
  '{{^alert.none}}none{{/alert.none}}{{^alert.firing}}x{{/alert.firing}}',
  '{{#alert.missing}}x{{/alert.missing}}{{^alert.missing}}none{{/alert.missing}}',
  '{{#alert.tags}}x{{else}}none{{/alert.tags}}',
  'a  {{~alert.name~}}  b',
  'a \n {{~#if alert.firing~}} \n x \n {{~/if~}} \n b',
  'a {{#if alert.firing~}} x {{~else~}} y {{~/if}} b',
  'a {{~{alert.name}~}} b',
  'a {{~{alert.name}}} b',
  '{{#if alert.muted}} 1 {{else if alert.firing}} 2 {{else if alert.zero}} 3 {{~/if}}!',
  'a\n{{#if alert.firing}}\nyes\n{{/if}}\nb',
  'a\n  {{#if alert.muted}}\nyes\n  {{else}}\nno\n  {{/if}}  \nb',
  'a\r\n{{#if alert.firing}}\r\nyes\r\n{{/if}}\r\nb',
  '{{#each alert.tags}}\n- {{this}}\n{{/each}}',
  '{{#each alert.tags}}\n  {{#if @first}}\n  first\n  {{/if}}\n- {{this}}\n{{/each}}\n',
  'a\n{{! comment }}\nb',
  'a\n  {{!-- comment --}}  \n\n\nb',
  'a {{! comment }}\nb',
  '{{#if alert.muted}}\n1\n{{else if alert.firing}}\n2\n{{else}}\n3\n{{/if}}\nend',
  '{{#if alert.muted}}\n1\n{{else if alert.zero}}\n2\n{{else}}\n3\n{{/if}}\nend',
  'x\n{{#with alert}}\n{{#each tags}}\n* {{.}}\n{{/each}}\n{{/with}}\ny',
  '{{alert.name}}\n{{#unless alert.muted}} inline {{/unless}}\n',
  '  {{#if alert.firing}}  x  {{/if}}  ',
  '\n\n{{#if alert.firing}}\n\nx\n\n{{/if}}\n\n',
  '{{^alert.none}}\nempty\n{{/alert.none}}\n',
  '{{lookup alert.labels inputs.key}}!',
  '{{lookup alert.tags 1}}!',
  '{{#each alert.tags}}{{lookup @root.alert.tags @index}} {{/each}}',
  '{{#if (lookup alert.labels "team")}}x{{/if}}',
];

describe('templates render as Handlebars renders them', () => {
  test.each(TEMPLATES)('%j', (template) => {
    const expected = Handlebars.compile(template, { noEscape: true })(scope);
    expect(String(render(template) ?? '')).toBe(expected);
  });
});

const SPACE = ['', ' ', '\t', '\n', '  \n', '\n  ', '\n\n', '\r\n'];
const TEXT = [
  ...SPACE,
  'x',
  ' x ',
  'x\n',
  '\n x',
  '7',
  '{ ',
  ' }',
  '\\\\',
  '\\{{@root.alert.name}} ',
  '{{! note }}',
  '{{~! note ~}}',
  '{{!-- }} --}}',
];
const OPENINGS = [
  'if @root.alert.firing',
  'if @root.alert.muted',
  'unless @root.alert.muted',
  'each @root.alert.tags',
  'each @root.alert.none',
  'with @root.alert.labels',
];

const trim = fc.constantFrom('', '', '~');
const tag = (content: fc.Arbitrary<string>) =>
  fc.tuple(trim, content, trim).map(([left, inner, right]) => `{{${left}${inner}${right}}}`);

/** Templates of blocks in blocks, chains of `else`, and much of the space that Handlebars takes away. */
const { template } = fc.letrec<{ template: string; block: string }>((tie) => {
  const opening = fc.constantFrom(...OPENINGS);
  const chained = fc.array(fc.tuple(tag(opening.map((one) => `else ${one}`)), tie('template')), { maxLength: 3 });
  const otherwise = fc.option(fc.tuple(tag(fc.constantFrom('else', '^')), tie('template')), { nil: [] });
  return {
    template: fc
      .array(
        fc.oneof(
          { maxDepth: 3, withCrossShrink: true },
          { weight: 3, arbitrary: fc.constantFrom(...TEXT) },
          { weight: 1, arbitrary: tag(fc.constant('@root.alert.name')) },
          { weight: 2, arbitrary: tie('block') },
        ),
        { maxLength: 5 },
      )
      .map((parts) => parts.join('')),
    block: opening.chain((one) => {
      const [open, close] = [tag(fc.constant(`#${one}`)), tag(fc.constant(`/${one.split(' ', 1)}`))];
      return fc.tuple(open, tie('template'), chained, otherwise, close).map((parts) => parts.flat(2).join(''));
    }),
  };
});

describe('structure', () => {
  test('of any template is as Handlebars has it', () => {
    fc.assert(
      fc.property(template, (text) => {
        expect(String(render(text) ?? '')).toBe(Handlebars.compile(text, { noEscape: true })(scope));
      }),
      { numRuns: 1_000 },
    );
  });

  test('that Handlebars refuses is a mistake, and only that is', () => {
    const tags = [
      '{{#if a}}',
      '{{#each a}}',
      '{{^a}}',
      '{{else}}',
      '{{^}}',
      '{{else if a}}',
      '{{/if}}',
      '{{/each}}',
      '{{/a}}',
      'x',
    ];
    const isRefused = (text: string) => {
      try {
        return Handlebars.parse(text) === undefined;
      } catch {
        return true;
      }
    };
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...tags), { maxLength: 8 }), (parts) => {
        const text = parts.join('');
        // In `{{^a}}`, Handlebars takes no `else if`. There is no harm in it.
        fc.pre(!/\{\{\^a\}\}.*\{\{else if a\}\}/.test(text));
        expect(compileTemplate(text).problems.length > 0).toBe(isRefused(text));
      }),
      { numRuns: 2_000 },
    );
  });
});
