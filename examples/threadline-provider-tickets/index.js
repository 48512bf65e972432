// @ts-check
import { Closed, defineProvider, ThreadlineError, Type, Url } from 'threadline/provider';

/** Opens a ticket at a server that takes JSON. Put what your provider does in its place. */
export default defineProvider({
  description: 'Opens a ticket.',
  errors: { ticket_refused: 'The server did not take the ticket.' },
  config: Closed({
    base_url: Url({ description: 'The address of the server.' }),
    token: Type.String({ minLength: 1, description: 'The token that the server knows us by.' }),
  }),
  environment: { base_url: 'TICKETS_URL', token: 'TICKETS_TOKEN' },
  params: Closed({
    title: Type.String({ minLength: 1, description: 'The headline.' }),
    labels: Type.Optional(Type.Array(Type.String(), { description: 'Words to find it by.' })),
  }),
  examples: { title: 'Disk of {{ alert.host }} is full', labels: ['disk'] },
  async run({ title, labels = [] }, { config, idempotencyKey, fetch, log }) {
    const answer = await fetch(new URL('tickets', config.base_url), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${config.token}`,
        'content-type': 'application/json',
        'idempotency-key': idempotencyKey,
      },
      body: JSON.stringify({ title, labels }),
    });
    if (!answer.ok) {
      throw new ThreadlineError('ticket_refused', `The server answered ${answer.status}: ${await answer.text()}`, {
        retryable: answer.status === 429 || answer.status >= 500,
      });
    }
    const ticket = /** @type {{ id: string | number }} */ (await answer.json());
    log.info('a ticket was opened', { ticket: ticket.id });
    return { id: String(ticket.id) };
  },
});
