import type { InvocationRow } from '../feed/feed-invocations.js';
import type { SampleMessage } from '../feed/messages.js';
import type { ActorState, PluginState, ServerState } from '../feed/feed-states.js';
import { actorState, callsName, type StateDependencies } from './actors/actor-state.js';
import type { ActorRecord } from './actors/actor-record.js';
import { ActorWatch } from './actors/actor-watch.js';
import { ConnectionCalls } from './actors/connection-calls.js';
import { EventLog } from './actors/event-log.js';
import { LivingActors } from './actors/living-actors.js';
import { wordsOfMachines } from './actors/machine-words.js';
import { CallWatch } from './invocations/call-watch.js';
import { invocationRow } from './invocations/invocation-row.js';
import { InvocationWatch } from './invocations/invocation-watch.js';
import { PluginFigures } from './invocations/plugin-figures.js';
import type { DetailDependencies } from './invocations/step-details.js';
import { pluginStates } from './model/plugin-states.js';
import { RowChanges } from './model/row-changes.js';
import { Sampler } from './model/sampler.js';
import { SecondCounter } from './model/second-counts.js';
import { SequenceNumbers } from './model/sequence-numbers.js';
import { serverStates } from './model/server-states.js';
import { keysOfToolSchema } from './redaction/known-keys.js';
import type { ValueView } from './redaction/value-view.js';
import { connectionStatus, sourceOf, type WatchedTarget, withoutEntrySecrets } from './watched-target.js';

/** What is held at most. */
export interface WatchLimits {
  readonly events: number;
  readonly invocations: number;
  /** Of both together, by estimate. */
  readonly bytes: number;
}

/** Invocations and calls a second of which all is told. */
const drawnPerSecond = 250;
/** Milliseconds between two looks at plugins and servers, whose rows are made from many places. */
const rowsEveryMs = 500;
/** Milliseconds between two looks at what only calls have changed of connections. */
const busyEveryMs = 250;
const eventShare = 0.25;

/** What is known of a process that is watched: all parts, and what they have in common. */
export class WatchedModel {
  readonly numbers = new SequenceNumbers();
  readonly log: EventLog;
  readonly living: LivingActors;
  readonly actors: ActorWatch;
  readonly calls: CallWatch;
  readonly invocations: InvocationWatch;
  readonly counts: SecondCounter;
  readonly plugins = new RowChanges<PluginState>(({ name }) => name);
  readonly servers = new RowChanges<ServerState>(({ name }) => name);
  readonly details: DetailDependencies;
  readonly #target: WatchedTarget;
  readonly #origin: number;
  readonly #figures = new PluginFigures();
  readonly #sampler = new Sampler('invocations', drawnPerSecond);
  readonly #connectionCalls: ConnectionCalls;
  readonly #states: StateDependencies;
  readonly #listeners = new Set<() => void>();
  /** Which seconds were over at which number: readers know numbers alone. */
  readonly #seconds: { readonly stamp: number; readonly second: number }[] = [];
  /** Connections with calls since their rows were made. */
  readonly #busy = new Set<string>();
  #busyAt = Number.NEGATIVE_INFINITY;
  #isTold = false;
  #rowsAt = Number.NEGATIVE_INFINITY;
  #eventsBefore = 0;
  #eventsAt = 0;
  #eventsPerSecond = 0;

  /** @param origin time of the clock at the epoch @param epoch milliseconds since 1970 */
  constructor(target: WatchedTarget, view: ValueView, limits: WatchLimits, origin: number, epoch: number) {
    this.#target = target;
    this.#origin = origin;
    const now = (): number => this.now();
    const timeOf = (onClock: number): number => onClock - origin;
    const news = (): void => this.#news();
    this.counts = new SecondCounter(epoch, target.calls !== undefined);
    this.log = new EventLog(this.numbers, { items: limits.events, bytes: limits.bytes * eventShare });
    this.#connectionCalls = new ConnectionCalls((name) => this.#busy.add(name));
    this.#states = {
      now,
      timeOf,
      calls: this.#connectionCalls,
      connectionOf: (actor) => connectionStatus(target, actor),
      withoutSecrets: (name, text) => withoutEntrySecrets(target, name, text),
    };
    this.living = new LivingActors(
      this.numbers,
      (record) => this.stateOf(record),
      (record) => {
        if (record.kind === 'connection') this.#connectionCalls.forget(callsName(record));
      },
    );
    this.actors = new ActorWatch({
      now,
      wordsOf: wordsOfMachines(),
      log: this.log,
      living: this.living,
      calls: this.#connectionCalls,
      news,
    });
    const recordOf = this.actors.recordOf.bind(this.actors);
    this.calls = new CallWatch({ now, counts: this.counts, sampler: this.#sampler, recordOf, news });
    this.invocations = new InvocationWatch({
      now,
      timeOf,
      counts: this.counts,
      figures: this.#figures,
      actors: this.actors,
      calls: this.calls,
      sampler: this.#sampler,
      limits: { items: limits.invocations, bytes: limits.bytes * (1 - eventShare) },
      outstandingOf: ({ plugin }) => this.#outstandingOf(plugin.name),
      news,
    });
    this.details = {
      view,
      timeOf,
      sourceOf: (plugin) => sourceOf(target, plugin),
      connectionOf: (plugin) => this.living.find(`connection:${plugin}`)?.id,
      toolKeysOf: (server, tool) => this.#toolKeys(server, tool),
    };
  }

  now(): number {
    return this.#target.clock.now() - this.#origin;
  }

  stateOf(record: ActorRecord): ActorState {
    return actorState(record, this.#states);
  }

  /** Makes rows of all that has changed, under a number of their own where something has. */
  refresh(): void {
    const t = this.now();
    let stamped = 0;
    const stamp = (): number => (stamped === 0 ? (stamped = this.numbers.next()) : stamped);
    this.counts.roll(t);
    if (t - this.#busyAt >= busyEveryMs) this.#touchBusy(t);
    this.living.refresh(t, stamp);
    this.invocations.refresh(stamp);
    if (this.counts.last > (this.#seconds.at(-1)?.second ?? 0)) this.#noteSecond(t, stamp);
    if (t - this.#rowsAt >= rowsEveryMs) this.#refreshRows(t, stamp);
  }

  /** Rows of invocations that changed after a number, the newest first. */
  rows(seq: number, most: number): InvocationRow[] {
    const rows: InvocationRow[] = [];
    for (const kept of this.invocations.newest()) {
      if (rows.length >= most) break;
      if (kept.stamp > seq) rows.push(invocationRow(kept, this.details.timeOf));
    }
    return rows;
  }

  /** The last second that a reader knows who knows a number. */
  secondAt(seq: number): number {
    return this.#seconds.findLast(({ stamp }) => stamp <= seq)?.second ?? 0;
  }

  get eventsPerSecond(): number {
    return this.#eventsPerSecond;
  }

  get samplers(): readonly { message(): SampleMessage | undefined }[] {
    return [this.#sampler, ...this.actors.samplers];
  }

  /** What there is was asked for: what comes now is news again. */
  heard(): void {
    this.#isTold = false;
  }

  onNews(listener: () => void): () => void {
    const added = (): void => listener();
    this.#listeners.add(added);
    return () => this.#listeners.delete(added);
  }

  close(): void {
    this.#listeners.clear();
    this.invocations.clear();
    this.log.clear();
  }

  #news(): void {
    if (this.#isTold) return;
    this.#isTold = true;
    for (const listener of this.#listeners) listener();
  }

  #noteSecond(t: number, stamp: () => number): void {
    this.#seconds.push({ stamp: stamp(), second: this.counts.last });
    if (this.#seconds.length > 600) this.#seconds.shift();
    const { events } = this.actors;
    const passed = Math.max(1, (t - this.#eventsAt) / 1000);
    this.#eventsPerSecond = Math.round((events - this.#eventsBefore) / passed);
    this.#eventsBefore = events;
    this.#eventsAt = t;
  }

  #touchBusy(t: number): void {
    this.#busyAt = t;
    for (const name of this.#connectionCalls.lively(t)) this.#busy.add(name);
    for (const name of this.#busy) this.living.touch(`connection:${name}`);
    this.#busy.clear();
  }

  #refreshRows(t: number, stamp: () => number): void {
    this.#rowsAt = t;
    const { manager, servers } = this.#target;
    const { states } = this.living;
    if (manager !== undefined) {
      const byId = new Map(states.map((state) => [state.id, state]));
      const actorOf = (id: string): ActorState | undefined => byId.get(id);
      const { sourceOf: source } = this.details;
      const { now, withoutSecrets } = this.#states;
      const rows = pluginStates(manager, { now, figures: this.#figures, actorOf, sourceOf: source, withoutSecrets });
      this.plugins.update(rows, stamp);
    }
    if (servers !== undefined)
      this.servers.update(
        serverStates(servers, states, () => this.now()),
        stamp,
      );
  }

  /** What the connection of a plugin is at; undefined for a plugin of this process. */
  #outstandingOf(plugin: string): string | undefined {
    const record = this.living.find(`connection:${plugin}`);
    const status = record && connectionStatus(this.#target, record.actor.id);
    if (record === undefined || status === undefined) return undefined;
    return `connection ${record.at}, ${status.inFlight} in flight, ${status.waiting} waiting`;
  }

  #toolKeys(server: string, tool: string): readonly string[] {
    const items = this.#target.servers?.inForce.find(server)?.server?.known('tools')?.items ?? [];
    return keysOfToolSchema(items.find(({ name }) => name === tool)?.['inputSchema']);
  }
}
