/** What an event takes beside its text, and a log beside its events. */
const eventBytes = 64;
const logBytes = 512;

export interface EventLogDependencies {
  /** Tells it from the others of its session. */
  readonly id: number;
  /** Takes bytes to keep events in; false if there are none. */
  readonly take: (bytes: number) => boolean;
  readonly give: (bytes: number) => void;
}

/**
 * The events of one stream, for a client that has lost it and asks for the rest. The first has nothing in it: from its id
 * on everything can be asked for.
 */
export class EventLog {
  readonly #dependencies: EventLogDependencies;
  #events: string[] = [];
  #count = 0;
  #bytes = 0;
  /** `dropped`: nothing is kept, because there was no room for it, or nobody will ask any more. */
  #phase: 'open' | 'complete' | 'dropped' = 'open';
  /** When the last event came, on whatever clock its owner has; undefined before that. */
  completedAt: number | undefined;

  constructor(dependencies: EventLogDependencies) {
    this.#dependencies = dependencies;
  }

  get id(): number {
    return this.#dependencies.id;
  }

  /** Bytes that are kept. */
  get bytes(): number {
    return this.#bytes;
  }

  get isKept(): boolean {
    return this.#phase !== 'dropped';
  }

  /** The first event: where to begin, and the milliseconds after which to ask. */
  begin(retryMs: number): string {
    return this.#keep(`id: ${this.#nextId()}\nretry: ${retryMs}\ndata: \n\n`, logBytes);
  }

  /** A further event, with its id, which is kept if there is room. */
  add(data: string): string {
    return this.#keep(`id: ${this.#nextId()}\nevent: message\ndata: ${data}\n\n`);
  }

  /** What came after the event of that number, in one piece; undefined if there is no such event. */
  after(number: number): string | undefined {
    return number < this.#count && this.isKept ? this.#events.slice(number + 1).join('') : undefined;
  }

  complete(now: number): void {
    this.completedAt ??= now;
    if (this.#phase === 'open') this.#phase = 'complete';
  }

  /** Gives back what it takes. */
  drop(): void {
    this.#phase = 'dropped';
    this.#events = [];
    this.#dependencies.give(this.#bytes);
    this.#bytes = 0;
  }

  #nextId(): string {
    return `${this.id}-${this.#count++}`;
  }

  #keep(event: string, more = 0): string {
    if (this.#phase !== 'open') return event;
    const bytes = Buffer.byteLength(event) + eventBytes + more;
    if (this.#dependencies.take(bytes)) {
      this.#bytes += bytes;
      this.#events.push(event);
    } else {
      this.drop();
    }
    return event;
  }
}
