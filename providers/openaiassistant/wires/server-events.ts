/** An event of a `text/event-stream` body. */
export interface ServerEvent {
  /** Empty where the server names none. */
  name: string;
  data: string;
}

const LINE_BREAK = /\r\n|\n|\r(?!$)/;

/**
 * The events of a body, as the HTML standard reads them. `onBytes` hears of all that comes, comments included: servers send them
 * to keep a connection alive. An event that the end of the body cut short is left out.
 */
export async function* serverEvents(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  onBytes: () => void,
): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  const open = new OpenEvent();
  let rest = '';
  for await (const bytes of body) {
    onBytes();
    const text = decoder.decode(bytes, { stream: true });
    rest += text;
    if (!/[\r\n]/.test(text)) continue;
    const lines = rest.split(LINE_BREAK);
    // A carriage return at the end may be half of a line break.
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const event = open.add(line);
      if (event) yield event;
    }
  }
  for (const line of [...rest.split(/\r/), '']) {
    const event = open.add(line);
    if (event && isWholeData(event.data)) yield event;
  }
}

/** Puts an event together from its lines. */
class OpenEvent {
  private name = '';
  private data: string[] = [];

  /** The event that this line ends. */
  add(line: string): ServerEvent | undefined {
    if (line === '') return this.end();
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === 'event') this.name = value;
    if (field === 'data') this.data.push(value);
    return undefined;
  }

  private end(): ServerEvent | undefined {
    const event = { name: this.name, data: this.data.join('\n') };
    const isEvent = this.data.length > 0;
    this.name = '';
    this.data = [];
    return isEvent ? event : undefined;
  }
}

/** Some servers leave out the line breaks behind their last event. */
function isWholeData(data: string): boolean {
  if (data.trim() === '[DONE]') return true;
  try {
    JSON.parse(data);
    return true;
  } catch {
    // The end of the body has cut it: whoever reads the stream misses its end.
    return false;
  }
}
