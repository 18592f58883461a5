import type { Watching } from '../../../actors/watchable.js';
import type { LiveSource, SinceAnswer } from '../feed/live-source.js';
import { type InvocationDetail } from '../feed/feed-invocations.js';
import { type NextMessage } from '../feed/feed-next.js';
import { feedVersion } from '../feed/feed-version.js';
import { type Hello, type SampleMessage, type SnapshotMessage } from '../feed/messages.js';
import { nextSteps } from './actors/next-steps.js';
import { invocationDetail } from './invocations/invocation-detail.js';
import { machineFingerprints } from './machine-fingerprints.js';
import { rounded } from './model/latencies.js';
import type { WatchedModel } from './watched-model.js';

/** Events and invocations that a snapshot begins with; the others come when they are asked for. */
const snapshotEvents = 1_000;
const snapshotInvocations = 500;
/** Items of one piece of a snapshot. */
const pieceItems = 100;

export interface SourceFacts {
  readonly host: Hello['host'];
  /** Milliseconds since 1970. */
  readonly epoch: number;
  readonly payloads: Hello['payloads'];
  readonly ring: Hello['ring'];
  readonly control: LiveSource['control'];
}

/** What a process that is watched tells. */
export class WatchedSource implements LiveSource {
  readonly recording = undefined;
  readonly control: LiveSource['control'];
  readonly ended: Promise<string>;
  readonly #facts: SourceFacts;
  readonly #model: WatchedModel;
  readonly #watchings: readonly Watching[];

  constructor(facts: SourceFacts, model: WatchedModel, watchings: readonly Watching[], ended: Promise<string>) {
    this.#facts = facts;
    this.#model = model;
    this.#watchings = watchings;
    this.control = facts.control;
    this.ended = ended;
  }

  hello(): Hello {
    const { control, ...facts } = this.#facts;
    return {
      v: feedVersion,
      type: 'hello',
      ...facts,
      now: this.now(),
      rate: 30,
      control: control !== undefined,
      machines: machineFingerprints(),
      source: 'live',
    };
  }

  get seq(): number {
    return this.#model.numbers.last;
  }

  now(): number {
    return rounded(this.#model.now());
  }

  *snapshot(): Iterable<SnapshotMessage> {
    const model = this.#model;
    model.refresh();
    const { numbers, living, plugins, servers, counts, log } = model;
    const head = { v: feedVersion, type: 'snapshot', seq: numbers.last, t: this.now() } as const;
    const pieces: Partial<SnapshotMessage>[] = chunks(living.states).map((actors) => ({ actors }));
    pieces.push({ plugins: plugins.all, minutes: counts.after(0) });
    pieces.push(...chunks(servers.all).map((chunk) => ({ servers: chunk })));
    const ribbons = Object.entries(living.ribbons(model.now()));
    pieces.push(...chunks(ribbons).map((chunk) => ({ ribbons: Object.fromEntries(chunk) })));
    pieces.push(...chunks(model.rows(0, snapshotInvocations)).map((invocations) => ({ invocations })));
    pieces.push(...chunks(log.after(0, snapshotEvents).events).map((events) => ({ events })));
    for (const piece of pieces) yield { ...head, actors: [], ...piece, more: true };
    yield { ...head, actors: [], more: false };
  }

  since(seq: number, most: number): SinceAnswer | undefined {
    const model = this.#model;
    model.refresh();
    model.heard();
    const { numbers, living, plugins, servers, counts, log } = model;
    const last = numbers.last;
    const known = Math.max(log.droppedTo, living.goneBefore, plugins.removedBefore, servers.removedBefore);
    if (seq > last || seq < known) return undefined;
    const { events, leftOut } = log.after(seq, most);
    const { actors, gone } = living.after(seq);
    const lists = {
      events,
      actors,
      plugins: plugins.after(seq),
      servers: servers.after(seq),
      invocations: model.rows(seq, Number.POSITIVE_INFINITY),
      seconds: counts.after(model.secondAt(seq)),
    };
    const removed = { plugins: plugins.removedAfter(seq), servers: servers.removedAfter(seq) };
    const told = Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
    const delta = {
      v: feedVersion,
      type: 'delta',
      seq: [Math.min(seq + 1, last), last],
      t: this.now(),
      ...told,
      ...(removed.plugins.length + removed.servers.length > 0 && { removed }),
      eventsPerSecond: model.eventsPerSecond,
    } as const;
    return { delta, gone, gapped: leftOut };
  }

  samples(): readonly SampleMessage[] {
    return this.#model.samplers.flatMap((sampler) => sampler.message() ?? []);
  }

  next(actor: string): NextMessage | undefined {
    const model = this.#model;
    model.refresh();
    const record = model.living.find(actor);
    if (record === undefined) return undefined;
    const timer = model.stateOf(record).timer;
    return { v: feedVersion, type: 'next', actor, seq: this.seq, events: nextSteps(record, timer) };
  }

  invocation(id: string): InvocationDetail | undefined {
    const kept = this.#model.invocations.find(id);
    return kept && invocationDetail(kept, this.#model.details);
  }

  onNews(listener: () => void): () => void {
    return this.#model.onNews(listener);
  }

  /** Leaves the process as if nobody had watched it. */
  close(): void {
    for (const watching of this.#watchings) watching.unsubscribe();
    this.#model.close();
  }
}

function chunks<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / pieceItems) }, (_none, index) =>
    items.slice(index * pieceItems, (index + 1) * pieceItems),
  );
}
