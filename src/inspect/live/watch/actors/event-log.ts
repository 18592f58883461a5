import type { EventObject } from 'xstate';
import type { TakenTransition } from '../../../../actors/actor-observer.js';
import { noTransitions } from '../../../../actors/actor-observer.js';
import type { FeedEvent } from '../../feed/feed-states.js';
import { rounded } from '../model/latencies.js';
import { Ring } from '../model/ring.js';
import type { SequenceNumbers } from '../model/sequence-numbers.js';
import { isOddState } from './actor-kinds.js';
import type { ActorRecord } from './actor-record.js';
import type { MachineWords } from './machine-words.js';

/** One event as it is kept: references, of which words are made when it is told. */
export interface KeptEvent {
  readonly s: number;
  readonly t: number;
  /** Id and words of its actor; not the actor itself, which has what it was made for: requests and answers. */
  readonly actor: string;
  readonly words: MachineWords;
  readonly type: string;
  readonly from: string;
  readonly cause: number;
  readonly data: FeedEvent['data'];
  to: string;
  taken: readonly TakenTransition[];
  isOdd: boolean;
}

/** Bytes that one kept event takes, about. */
const eventBytes = 320;

/** The newest events, with what must be told of those that are not there any more. */
export class EventLog {
  readonly #numbers: SequenceNumbers;
  readonly #ring: Ring<KeptEvent>;
  /** Number of the last event that was dropped. */
  #droppedTo = 0;

  constructor(numbers: SequenceNumbers, limits: { readonly items: number; readonly bytes: number }) {
    this.#numbers = numbers;
    this.#ring = new Ring(
      limits,
      () => eventBytes,
      ({ s }) => {
        this.#droppedTo = s;
      },
    );
  }

  get size(): number {
    return this.#ring.size;
  }

  get bytes(): number {
    return this.#ring.bytes;
  }

  /** Number of the last event that is not held any more; 0 where all are. */
  get droppedTo(): number {
    return this.#droppedTo;
  }

  /** An actor takes up an event; what comes of it is put in when it has. */
  begin(actor: ActorRecord, event: EventObject, from: string, t: number, cause: number): KeptEvent {
    const kept: KeptEvent = {
      s: this.#numbers.next(),
      t,
      actor: actor.id,
      words: actor.words,
      type: event.type,
      from,
      cause,
      data: dataOf(event),
      to: from,
      taken: noTransitions,
      isOdd: false,
    };
    this.#ring.push(kept);
    return kept;
  }

  /** Those after a number, oldest first, `most` at most: the newest. @returns also the first that was left out */
  after(
    seq: number,
    most: number,
  ): { readonly events: FeedEvent[]; readonly leftOut: readonly [number, number] | undefined } {
    const events: FeedEvent[] = [];
    let leftOut: [number, number] | undefined;
    for (const kept of this.#ring.newest()) {
      if (kept.s <= seq) break;
      if (events.length < most) events.push(told(kept));
      else leftOut = [kept.s, leftOut?.[1] ?? kept.s];
    }
    return { events: events.reverse(), leftOut };
  }

  clear(): void {
    this.#ring.clear();
  }
}

function told({ s, t, actor, words, type, from, to, taken, cause, data, isOdd }: KeptEvent): FeedEvent {
  return {
    s,
    t: rounded(t),
    a: actor,
    e: words.event(type, from),
    from,
    to,
    ...words.step(from, to, taken),
    ...(data !== undefined && { data }),
    ...(cause > 0 && { cause }),
    ...((isOdd || (from !== to && isOddState(to))) && { odd: true }),
  };
}

/** Numbers and names of ours that events carry; all else may be anybody's. */
const shownFields = ['index', 'stops', 'code', 'status', 'delayMs', 'leftMs', 'drainMs', 'retryMs'] as const;

function dataOf(given: EventObject): FeedEvent['data'] {
  const event: Readonly<Record<string, unknown>> & EventObject = given;
  let data: Record<string, string | number | boolean> | undefined;
  for (const field of shownFields) {
    const value: unknown = event[field];
    const isShown = typeof value === 'number' || typeof value === 'boolean' || (field === 'code' && isCode(value));
    if (isShown) (data ??= {})[field] = value;
  }
  const error = event['error'];
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (isCode(code)) (data ??= {})['error'] = code;
  return data;
}

function isCode(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Z][A-Z0-9_]{1,63}$/.test(value);
}
