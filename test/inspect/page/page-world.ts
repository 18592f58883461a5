import type { InvocationRow } from '../../../src/inspect/live/feed/feed-invocations.js';
import type { ActorState, FeedEvent, Ribbon, SecondCounts } from '../../../src/inspect/live/feed/feed-states.js';
import type {
  ActorChange,
  DeltaMessage,
  FeedMessage,
  Hello,
  SnapshotMessage,
} from '../../../src/inspect/live/feed/messages.js';

/** One thing that happens in a process. */
export type Happening =
  | { readonly what: 'move'; readonly actor: number; readonly to: string }
  | { readonly what: 'error'; readonly actor: number; readonly code: string | undefined }
  | { readonly what: 'leave'; readonly actor: number }
  | { readonly what: 'invoke'; readonly decided: number | undefined }
  | { readonly what: 'second' };

export const helloOf = (start: string, now = 0): Hello => ({
  v: 1,
  type: 'hello',
  host: { name: 'gateway', pid: 1, version: '0', start },
  epoch: 1_000_000,
  now,
  rate: 30,
  control: false,
  payloads: 'redacted',
  ring: { events: 100, invocations: 100 },
  machines: {},
  source: 'live',
});

/** A process that tells what happens in it, as the contract says: written once more, to compare the page with. */
export class PageWorld {
  t = 1_000;
  seq = 0;
  readonly actors = new Map<string, ActorState>();
  readonly invocations: InvocationRow[] = [];
  readonly events: FeedEvent[] = [];
  readonly seconds: SecondCounts[] = [];
  readonly ribbons = new Map<string, (readonly [number, string])[]>();
  /** How the actors were after each event, by its number. */
  readonly past = new Map<number, ReadonlyMap<string, string>>();
  #told = 0;
  #before = new Map<string, ActorState>();
  #toldInvocations = 0;
  #toldSeconds = 0;
  #gone: string[] = [];

  happen(one: Happening): void {
    this.t += 7;
    if (one.what === 'second')
      this.seconds.push({ second: this.seconds.length, passed: 1, modified: 0, blocked: 0, failed: 0, calls: 2 });
    else if (one.what === 'invoke') {
      const n = this.invocations.length;
      this.invocations.push({
        id: `i${n}`,
        requestId: `r${n}`,
        hook: 'tool_pre_invoke',
        subject: 'query',
        t: this.t,
        outcome: one.decided === undefined ? 'running' : 'passed',
        ticks: [],
        ...(one.decided !== undefined && { decided: one.decided }),
      });
    } else this.#happenTo(`connection:${one.actor}`, one);
  }

  #happenTo(id: string, one: Exclude<Happening, { what: 'second' | 'invoke' }>): void {
    const known = this.actors.get(id);
    if (one.what === 'leave') {
      if (!this.actors.delete(id)) return;
      this.ribbons.delete(id);
      this.#gone.push(id);
      return;
    }
    const actor: ActorState = known ?? {
      id,
      kind: 'connection',
      machine: 'connection',
      name: id,
      at: 'idle.empty',
      since: this.t,
      began: this.t,
    };
    if (known === undefined) this.ribbons.set(id, [[this.t, actor.at]]);
    if (one.what === 'error') {
      const { error: _error, ...rest } = actor;
      this.actors.set(
        id,
        one.code === undefined ? rest : { ...rest, error: { code: one.code, message: '', t: this.t } },
      );
      return;
    }
    this.t += 1;
    this.seq++;
    this.events.push({ s: this.seq, t: this.t, a: id, e: 'went', from: actor.at, to: one.to });
    this.actors.set(id, { ...actor, at: one.to, since: actor.at === one.to ? actor.since : this.t });
    if (actor.at !== one.to) this.ribbons.get(id)?.push([this.t, one.to]);
    this.past.set(this.seq, new Map([...this.actors].map(([key, { at }]) => [key, at])));
  }

  snapshot(pieces = 2): SnapshotMessage[] {
    this.#tellAll();
    const head = { v: 1, type: 'snapshot', seq: this.seq, t: this.t } as const;
    const actors = [...this.actors.values()];
    const ribbons: Record<string, Ribbon> = Object.fromEntries(this.ribbons);
    const newest = this.invocations.toReversed();
    const half = Math.ceil(newest.length / 2);
    return [
      { ...head, actors, ribbons, invocations: newest.slice(0, half), events: this.events.slice(0, half), more: true },
      ...Array.from({ length: pieces - 2 }, () => ({ ...head, actors: [], more: true })),
      {
        ...head,
        actors: [],
        invocations: newest.slice(half),
        events: this.events.slice(half),
        minutes: this.seconds,
        more: false,
      },
    ];
  }

  /** What is new since the last time. */
  news(): FeedMessage[] {
    const events = this.events.filter(({ s }) => s > this.#told);
    const actors = [...this.actors.values()].flatMap((actor) => changeOf(this.#before.get(actor.id), actor) ?? []);
    const gone = this.#gone;
    const delta: DeltaMessage = {
      v: 1,
      type: 'delta',
      seq: [this.#told + 1, this.seq],
      t: this.t,
      events,
      actors,
      invocations: this.invocations.slice(this.#toldInvocations),
      seconds: this.seconds.slice(this.#toldSeconds),
    };
    this.#tellAll();
    // One that left and came back under its name is new.
    return gone.length === 0 ? [delta] : [{ v: 1, type: 'gone', ids: gone, t: this.t }, delta];
  }

  #tellAll(): void {
    this.#told = this.seq;
    this.#before = new Map(this.actors);
    this.#toldInvocations = this.invocations.length;
    this.#toldSeconds = this.seconds.length;
    this.#gone = [];
  }
}

function changeOf(before: ActorState | undefined, now: ActorState): ActorChange | undefined {
  if (before === now) return undefined;
  if (before === undefined || before.began !== now.began) return now;
  return { id: now.id, at: now.at, since: now.since, error: now.error ?? null };
}
