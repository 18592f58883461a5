/** One server-sent event, as far as the feed uses them. */
export interface StreamedEvent {
  readonly id: string | undefined;
  readonly data: string;
}

/** What a message may have at most: a host sends pieces of 64 KB. */
const mostCharacters = 4 * 1024 * 1024;

/** Reads server-sent events from text that comes in pieces, as the HTML standard says. */
export class EventStreamParser {
  #rest = '';
  #data: string[] = [];
  #size = 0;
  #id: string | undefined;

  /** @throws Error where an event grows beyond all bounds */
  *take(text: string): Generator<StreamedEvent, void> {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const event = this.#takeLine(line.endsWith('\r') ? line.slice(0, -1) : line);
      if (event !== undefined) yield event;
    }
    if (this.#rest.length + this.#size > mostCharacters) throw new Error('the feed sent more than 4 MB at once');
  }

  #takeLine(line: string): StreamedEvent | undefined {
    if (line === '') {
      const data = this.#data;
      this.#data = [];
      this.#size = 0;
      return data.length === 0 ? undefined : { id: this.#id, data: data.join('\n') };
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') {
      this.#data.push(value);
      this.#size += value.length;
    } else if (field === 'id') this.#id = value;
    return undefined;
  }
}
