import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from 'threadline/provider';
import type { Params } from '../contract/schema.ts';
import { newFile, withAssistant } from '../testing/test-assistant.ts';

describe('images and attachments', () => {
  const png = new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10]);
  const PNG_DATA = 'data:image/png;base64,iVBORw0KGgo=';

  test('I5 I6 I7: images by url, file id and path stand in the last user message', () =>
    withAssistant([], async ({ ask, asked, emulator }) => {
      const file_id = await newFile(emulator);
      const images = [
        { url: 'https://grafana.example/shot.png', detail: 'high' as const },
        { file_id },
        { path: 'shots/a.PNG' },
        { url: PNG_DATA },
      ];
      await ask({ prompt: 'Look', images }, { files: { 'shots/a.PNG': png } });
      expect(asked()[0]?.input).toEqual([
        {
          type: 'message',
          role: 'user',
          content: [
            { type: 'input_text', text: 'Look' },
            { type: 'input_image', image_url: 'https://grafana.example/shot.png', detail: 'high' },
            { type: 'input_image', file_id, detail: 'auto' },
            { type: 'input_image', image_url: PNG_DATA, detail: 'auto' },
            { type: 'input_image', image_url: PNG_DATA, detail: 'auto' },
          ],
        },
      ]);
    }));

  test('I3: attachments by file id and path', () =>
    withAssistant([], async ({ ask, asked, emulator }) => {
      const file_id = await newFile(emulator);
      const attachments = [{ file_id }, { path: 'logs/app.log' }, { path: 'report.pdf' }];
      const files = { 'logs/app.log': new TextEncoder().encode('disk full'), 'report.pdf': new TextEncoder().encode('%PDF-1.7') };
      await ask({ prompt: 'Read', attachments }, { files });
      expect(asked()[0]?.input).toMatchObject([
        {
          content: [
            { type: 'input_text', text: 'Read' },
            { type: 'input_file', file_id },
            { type: 'input_file', filename: 'app.log', file_data: 'data:text/plain;base64,ZGlzayBmdWxs' },
            { type: 'input_file', filename: 'report.pdf', file_data: 'data:application/pdf;base64,JVBERi0xLjc=' },
          ],
        },
      ]);
    }));

  test.each([
    ['with it among the tools', ['code_interpreter' as const]],
    ['without', []],
  ])('an attachment for the code interpreter goes into its container, %s', (_, tools) =>
    withAssistant([], async ({ ask, asked, emulator }) => {
      const file_id = await newFile(emulator);
      await ask({ prompt: 'Plot', tools, attachments: [{ file_id, tools: [{ type: 'code_interpreter' }] }] });
      expect(asked()[0]).toMatchObject({
        tools: [{ type: 'code_interpreter', container: { type: 'auto', file_ids: [file_id] } }],
        input: [{ content: [{ type: 'input_text', text: 'Plot' }] }],
      });
    }),
  );

  test.each([
    ['a url of another kind', { images: [{ url: 'file:///etc/passwd' }] }, 'invalid_params'],
    ['a file that is not there', { images: [{ path: 'none.png' }] }, 'file_not_found'],
    ['a file that is too large', { images: [{ path: 'large.png' }] }, 'invalid_params'],
  ])('%s fails before anything is sent', (_, params, code) =>
    withAssistant([], async ({ failure, traffic }) => {
      const files = { 'large.png': new Uint8Array(15_000_001) };
      expect(await failure({ prompt: 'Look', ...params }, { files })).toMatchObject({ code });
      expect(traffic()).toEqual([]);
    }),
  );

  test('I5: the first bytes of a picture decide, not its name and not what is declared', () =>
    withAssistant([], async ({ ask, input }) => {
      const images = [{ path: 'shot.jpg' }, { path: 'shot' }, { url: PNG_DATA.replace('png', 'svg+xml') }];
      await ask({ prompt: 'Look', images }, { files: { 'shot.jpg': png, shot: png } });
      const content = input(0)[0]?.content as JsonObject[];
      expect(content.slice(1).map((part) => part.image_url)).toEqual([PNG_DATA, PNG_DATA, PNG_DATA]);
    }));

  const svg = new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"></svg>');
  const heic = new Uint8Array(Buffer.from('\0\0\0\x18ftypheic', 'latin1'));
  test.each<[string, Params]>([
    ['an SVG', { images: [{ path: 'a.svg' }] }],
    ['an SVG that is called a PNG', { images: [{ path: 'svg.png' }] }],
    ['an SVG as data', { images: [{ url: `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}` }] }],
    ['an SVG as plain data', { images: [{ url: 'data:image/svg+xml;utf8,<svg></svg>' }] }],
    ['a HEIC', { images: [{ path: 'heic.jpg' }] }],
    ['an empty picture', { images: [{ path: 'empty.png' }] }],
    ['an empty picture as data', { images: [{ url: 'data:image/png;base64,' }] }],
    ['a page in place of a picture', { images: [{ path: 'page.png' }] }],
    ['an attached HEIC', { attachments: [{ path: 'heic.jpg' }] }],
  ])('%s is refused before anything is sent, with what models take', (_, params) =>
    withAssistant([], async ({ failure, traffic }) => {
      const page = new TextEncoder().encode('<!doctype html><title>Sign in</title>');
      const files = { 'a.svg': svg, 'svg.png': svg, 'heic.jpg': heic, 'empty.png': new Uint8Array(), 'page.png': page };
      const { code, message, hint } = await failure({ prompt: 'Look', ...params }, { files });
      expect(code).toBe('invalid_params');
      expect(`${message} ${hint}`).toContain('PNG, JPEG, WebP');
      expect(traffic()).toEqual([]);
    }),
  );

  test('an office document is refused over chat, which would show the model its bytes', () =>
    withAssistant([], async ({ failure, ask, asked, traffic }) => {
      const files = { 'costs.xlsx': new Uint8Array(Buffer.from('504b030414000000', 'hex')) };
      const attachments = [{ path: 'costs.xlsx' }];
      expect(await failure({ prompt: 'Read', attachments, wire: 'chat' }, { files })).toMatchObject({
        code: 'unsupported',
        message: expect.stringContaining('costs.xlsx'),
      });
      expect(traffic()).toEqual([]);
      await ask({ prompt: 'Read', attachments }, { files });
      expect(JSON.stringify(asked()[0]?.input)).toContain('spreadsheetml.sheet;base64,UEsDBBQAAAA=');
    }));

  test('an image needs a message of the user', () =>
    withAssistant([], async ({ failure }) => {
      const messages = [{ role: 'system' as const, content: 'Hi' }];
      expect(await failure({ messages, images: [{ file_id: 'file-1' }] })).toMatchObject({ code: 'invalid_params' });
    }));
});
