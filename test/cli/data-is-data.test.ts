import { describe, expect, test } from '@jest/globals';
import { cli } from '../support/cli.ts';

const WORKFLOW = `workflow:
  id: data
  inputs: [{ name: given }]
  consts: { quoted: "{{ alert.text }}" }
  steps:
    - name: whole
      provider: { type: mock, with: { output: "{{ alert.text }}" } }
    - name: inside
      provider: { type: mock, with: { output: "before {{ alert.text }} after" } }
    - name: chained
      provider: { type: mock, with: { output: { a: ["{{ steps.whole.results }}", "{{ consts.quoted }}", "{{ inputs.given }}"] } } }
    - name: each
      foreach: "{{ alert.list }}"
      if: "{{ foreach.value }} != 'never'"
      provider: { type: mock, with: { output: "{{ foreach.value }}" } }
    - name: compared
      if: "'{{ alert.text }}' == alert.text && alert.text == '{{ steps.whole.results }}'"
      provider: { type: console, with: { message: "{{ alert.text }}" } }
    - name: never
      if: "{{ alert.text }} == 'something else'"
      provider: { type: mock }
  outputs: { text: "{{ steps.compared.results }}" }
`;

const HOSTILE: [title: string, text: string][] = [
  ['a template', '{{ secrets.TOKEN }} {{{ env.HOME }}} \\{{ x }}'],
  ['an open template', '{{ {{# {{/ }} {{!'],
  ['a call of a function', 'keep.len(1) keep.slice("a", 0, 1)'],
  ['an expression', "' == '' || true || '' == '"],
  ['an expression with two quotes', '" == "" || true || "" == "'],
  ['Jinja', '{% for x in alert %}{{ x | length }}{% endfor %} {# no #}'],
  ['quotes', `'"\`\\"\\'"""'''`],
  ['newlines and tabs', 'a\nb\r\nc\td\n\n: - #\n---\n...'],
  ['names of prototypes', '__proto__'],
  ['a prototype as JSON', '{"__proto__": {"polluted": true}}'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is data.
  ['code', "require('child_process').execSync('id') ${process.exit(7)} <script>"],
  ['control characters', '\u0000\u001b[2J\u009b\u2028\u202e'],
  ['half a character', '\ud83d'],
  ['workflow commands', '::set-output name=x::y\n##[error]boom'],
  ['YAML', '&a *a !!js/function "x" <<: *b'],
  ['a number', '1e999'],
  ['an empty text', ''],
];

describe('the text of an alert comes out as it went in (W2)', () => {
  test.each(HOSTILE)('%s', async (_, text) => {
    const alert = JSON.stringify({ text, list: [text, { [text]: text }] });
    const { code, stdout, stderr } = await cli(
      ['run', 'w.yml', '--alert', '-', '--format', 'json', '-i', `given=${text.replaceAll('\u0000', '')}`],
      {
        files: { 'w.yml': WORKFLOW },
        env: { TOKEN: 'never-to-be-seen' },
        stdin: alert,
      },
    );

    expect([code, stderr.includes('never-to-be-seen')]).toEqual([0, false]);
    const { steps, outputs } = JSON.parse(stdout);
    const seen = JSON.parse(alert).text;
    const item = text === '__proto__' ? {} : JSON.parse(alert).list[1];
    expect(steps.whole.results).toBe(seen);
    expect(steps.inside.results).toBe(`before ${seen} after`);
    expect(steps.chained.results.a.slice(0, 2)).toEqual([seen, seen]);
    if (text.isWellFormed()) expect(steps.chained.results.a[2]).toBe(text.replaceAll('\u0000', ''));
    expect(steps.each.results).toEqual([seen, item]);
    expect(steps.compared.status).toBe('succeeded');
    expect(steps.never.status).toBe('skipped');
    expect(outputs.text).toBe(seen);
  });

  test('a megabyte of it', async () => {
    const text = '{{ alert.text }} \'"\n'.repeat(55_000);
    const { code, stdout } = await cli(['run', 'w.yml', '--alert', '-', '--format', 'json'], {
      files: { 'w.yml': WORKFLOW },
      stdin: JSON.stringify({ text, list: [] }),
    });
    expect(code).toBe(0);
    expect(JSON.parse(stdout).outputs.text).toBe(text);
  });

  test('keys of prototypes are left out, in JSON as in YAML, and nothing is polluted', async () => {
    const workflow =
      'workflow:\n  id: p\n  steps:\n    - name: a\n      provider: { type: mock, with: { output: "{{ alert }}" } }\n    - name: b\n      provider: { type: mock, with: { output: "{{ default alert.polluted \'clean\' }}" } }\n';
    for (const alert of [
      '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}, "ok": 1}',
      '__proto__: { polluted: 1 }\nok: 1\n',
    ]) {
      const { code, stdout } = await cli(['run', 'w.yml', '--alert', '-', '--format', 'json'], {
        files: { 'w.yml': workflow },
        stdin: alert,
      });
      expect(code).toBe(0);
      expect(JSON.parse(stdout).steps).toMatchObject({ a: { results: { ok: 1 } }, b: { results: 'clean' } });
    }
  });

  test('data nested without end is refused in one line', async () => {
    const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    const { code, stderr } = await cli(['run', 'w.yml', '--alert', 'a.json'], { files: { 'w.yml': WORKFLOW, 'a.json': deep } });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^threadline: a\.json:1:\d+: the data is nested too deeply\.\n$/);
  });
});
