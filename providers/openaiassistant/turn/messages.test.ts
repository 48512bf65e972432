import { describe, expect, test } from '@jest/globals';
import { newFile, withAssistant } from '../testing/test-assistant.ts';

describe('images and attachments', () => {
  const png = new Uint8Array([137, 80, 78, 71]);

  test('I5 I6 I7: images by url, file id and path stand in the last user message', () =>
    withAssistant([], async ({ ask, asked, emulator }) => {
      const file_id = await newFile(emulator);
      const images = [
        { url: 'https://grafana.example/shot.png', detail: 'high' as const },
        { file_id },
        { path: 'shots/a.PNG' },
        { url: 'data:image/png;base64,AAAA' },
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
            { type: 'input_image', image_url: 'data:image/png;base64,iVBORw==', detail: 'auto' },
            { type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: 'auto' },
          ],
        },
      ]);
    }));

  test('I3: attachments by file id and path', () =>
    withAssistant([], async ({ ask, asked, emulator }) => {
      const file_id = await newFile(emulator);
      const attachments = [{ file_id }, { path: 'logs/app.log' }, { path: 'report.pdf' }];
      const files = { 'logs/app.log': new TextEncoder().encode('disk full'), 'report.pdf': png };
      await ask({ prompt: 'Read', attachments }, { files });
      expect(asked()[0]?.input).toMatchObject([
        {
          content: [
            { type: 'input_text', text: 'Read' },
            { type: 'input_file', file_id },
            { type: 'input_file', filename: 'app.log', file_data: 'data:text/plain;base64,ZGlzayBmdWxs' },
            { type: 'input_file', filename: 'report.pdf', file_data: 'data:application/pdf;base64,iVBORw==' },
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

  test('an image needs a message of the user', () =>
    withAssistant([], async ({ failure }) => {
      const messages = [{ role: 'system' as const, content: 'Hi' }];
      expect(await failure({ messages, images: [{ file_id: 'file-1' }] })).toMatchObject({ code: 'invalid_params' });
    }));
});
