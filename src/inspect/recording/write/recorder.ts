import { randomBytes } from 'node:crypto';
import { type AnyStateMachine, type EventObject } from 'xstate';
import type { ActorObserver, ObservedActor, Prepared } from '../../../actors/actor-observer.js';
import { FreeList } from '../../../actors/free-list.js';
import { TableActor } from '../../../actors/table-actor.js';
import type { ActorRecorder } from '../../../actors/actor-recorder.js';
import { GatechartError, messageOf } from '../../../errors.js';
import { describeValue } from '../../../json/described-value.js';
import { packageVersion } from '../../../package-version.js';
import { type Clock, systemClock } from '../../../time/clock.js';
import { machineFingerprints } from '../../live/watch/machine-fingerprints.js';
import { encodeValue, type Masking } from '../recorded-value.js';
import { type ActorLine, type EndLine, type GapLine, type HeaderLine, recordingVersion } from '../recording-format.js';
import { AskedValues, listenedTo } from './asked-values.js';
import { type Life, type LineTaker, LongLife } from './lives.js';
import { masked, unmasked } from './masking.js';
import { PathTable } from './path-table.js';
import { RecordingFile } from './recording-file.js';
import { ShortLife } from './short-life.js';

/** What a recorder is made of. */
export interface RecorderOptions {
  /** Path of the file. A recording that is there is put aside as `<file>.1`; anything else is refused. */
  readonly file: string;
  /** Whether texts are recorded as they are: messages of errors, addresses. Default false: names, numbers and fingerprints. */
  readonly payloads?: boolean;
  /** Bytes after which the file is put aside as `<file>.1`, in the place of the one before. Default 64 MiB. */
  readonly maxBytes?: number;
  /** The clock of those who are recorded. */
  readonly clock?: Clock;
  /** Hears that nothing is recorded any more, and why: the disk is full, for instance. */
  readonly onStop?: (reason: string) => void;
}

/** How a recording is doing. */
export interface RecorderStatus {
  readonly file: string;
  readonly events: number;
  /** Events that the disk was too slow for. */
  readonly lost: number;
  /** Why it ended before it was closed. */
  readonly stopped: string | undefined;
}

/** Milliseconds that what happened may wait before it is written. */
const flushMs = 100;
/** Short lives that are kept for the next ones. */
const mostSpare = 1000;

/**
 * Writes down what happens to the actors of those it is given to, in a file that `gatechart replay` runs again. It is closed
 * after them, by whoever made it.
 *
 * ```ts
 * await using recorder = createRecorder({ file: 'incident.jsonl' });
 * await using manager = await createManager({ config: 'plugins.yaml', recorder });
 * ```
 *
 * @throws GatechartError CONFIG_INVALID for options, or a file that is there and is no recording; CONFIG_UNREADABLE where
 * none can be made
 */
export function createRecorder(options: RecorderOptions): Recorder {
  return new Recorder(options);
}

/** Made by {@link createRecorder}. */
export class Recorder implements ActorRecorder, AsyncDisposable {
  /** @internal */
  readonly observer: ActorObserver;
  readonly #options: RecorderOptions;
  readonly #clock: Clock;
  readonly #began: number;
  readonly #epoch: number;
  readonly #masking: Masking;
  readonly #file: RecordingFile;
  readonly #lives = new FreeList<Life>();
  /** Those that are not attached to their actors: long ones, and where somebody else has attached something. */
  readonly #detached = new Map<ObservedActor, Life>();
  /** Short lives that are over, for the next ones. */
  readonly #spare: ShortLife[] = [];
  readonly #taker: LineTaker;
  readonly #values = new WeakMap<AnyStateMachine, AskedValues>();
  readonly #timer: NodeJS.Timeout;
  #paths: PathTable;
  #latest: Life | undefined;
  #actors = 0;
  #seq = 0;
  #lost = 0;
  /** Number of the first event that was not recorded. */
  #gapFrom: number | undefined;
  #stopped: string | undefined;

  /** @internal */
  constructor(options: RecorderOptions) {
    const { file, payloads = false, maxBytes = 64 * 1024 * 1024, clock = systemClock } = options;
    if (typeof file !== 'string' || file === '') throw invalid('file', 'the path of a file', file);
    if (!Number.isInteger(maxBytes) || maxBytes < 1) throw invalid('maxBytes', 'a whole number of bytes from 1', maxBytes);
    this.#options = options;
    this.#clock = clock;
    this.#began = clock.now();
    this.#epoch = Date.now();
    this.#masking = payloads ? unmasked() : masked();
    const run = randomBytes(8).toString('hex');
    const header = { madeBy: `gatechart ${packageVersion}`, run, machines: machineFingerprints() };
    this.#file = new RecordingFile({
      path: file,
      bytes: maxBytes,
      begin: (part) => lineOf(this.#header({ ...header, part, payloads: payloads ? 'recorded' : 'redacted' })),
      onFull: () => this.#attempt(() => this.#turn()),
      onStop: (reason) => this.#stop(reason),
    });
    this.#paths = this.#newPaths();
    const paths = (): PathTable => this.#paths;
    this.#taker = {
      masking: this.#masking,
      get paths() {
        return paths();
      },
      now: () => this.#now(),
      timeOf: (moment) => this.#timeOf(moment),
      write: (line) => this.#write(line),
      writeText: (line) => this.#writeText(line),
    };
    this.#timer = setInterval(() => this.#attempt(() => this.#tick()), flushMs).unref();
    this.observer = {
      isSingle: true,
      prepare: (machine, input) => this.#prepare(machine, input),
      made: (actor, machine, input) => this.#made(actor, machine, input),
      takes: (actor) => this.#takes(actor),
      took: (actor, event) => this.#took(actor, event),
    };
  }

  status(): RecorderStatus {
    return { file: this.#options.file, events: this.#seq - this.#lost, lost: this.#lost, stopped: this.#stopped };
  }

  /** Writes what is left, and closes the file. Never rejects. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#gapFrom !== undefined) this.#tellGap();
    else for (const life of this.#lives) life.flush();
    this.#latest = undefined;
    if (this.#file.isOpen) this.#file.add(lineOf({ end: this.#seq, t: this.#now() } satisfies EndLine));
    await this.#file.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #prepare(machine: AnyStateMachine, input: unknown): Prepared {
    if (!this.#file.isOpen) return { machine, input };
    const values = new AskedValues();
    const prepared = listenedTo(machine, input, values);
    this.#values.set(prepared.machine, values);
    return prepared;
  }

  #made(actor: ObservedActor, machine: AnyStateMachine, input: unknown): void {
    if (!this.#file.isOpen) return;
    const n = ++this.#actors;
    // One that lived already has a snapshot that is not its first.
    const isNew = actor.getSnapshot().status === 'active' && input !== undefined;
    if (actor instanceof TableActor) {
      const start = isNew && this.#gapFrom === undefined ? this.#paths.start(machine.id, actor.name, input) : undefined;
      const life = this.#spare.pop() ?? new ShortLife(this.#taker);
      life.take(n, actor, machine, start);
      life.index = this.#lives.add(life);
      if (actor.attached === undefined) actor.attached = life;
      else this.#detached.set(actor, life);
      if (start === undefined) this.#beginAgain(life);
      return;
    }
    const values = this.#values.get(machine);
    const life = new LongLife(n, actor, machine, this.#taker, values, input);
    life.index = this.#lives.add(life);
    this.#detached.set(actor, life);
    if (values === undefined) return this.#beginAgain(life);
    this.#write({ ...this.#actorLine(life), input: encodeValue(input, this.#masking) } satisfies ActorLine);
  }

  #takes(actor: ObservedActor): void {
    const life = this.#lifeOf(actor);
    if (life !== undefined) life.takes(++this.#seq);
  }

  #took(actor: ObservedActor, event: EventObject): void {
    const life = this.#lifeOf(actor);
    if (life === undefined) return;
    if (this.#gapFrom === undefined) life.took(event);
    if (!life.hasEnded) return;
    if (this.#gapFrom === undefined) life.flush();
    this.#forget(life);
  }

  #forget(life: Life): void {
    this.#lives.remove(life.index);
    this.#latest = undefined;
    if (this.#detached.size > 0) this.#detached.delete(life.actor);
    if (!(life instanceof ShortLife)) return;
    if (life.actor.attached === life) life.actor.attached = undefined;
    if (this.#spare.length < mostSpare) this.#spare.push(life);
  }

  /** Mostly the same as before: a chain takes one step after the other. */
  #lifeOf(actor: ObservedActor): Life | undefined {
    if (this.#latest?.actor === actor) return this.#latest;
    const attached = actor instanceof TableActor ? actor.attached : undefined;
    const life = attached instanceof ShortLife && attached.isOf(this.#taker) ? attached : this.#detached.get(actor);
    if (life !== undefined) this.#latest = life;
    return life;
  }

  #write(line: object): void {
    if (this.#gapFrom === undefined) this.#writeText(lineOf(line));
  }

  #writeText(line: string): void {
    if (this.#gapFrom !== undefined) return;
    this.#file.add(line);
    if (!this.#file.hasRoom && this.#file.isOpen) this.#gapFrom = this.#seq;
  }

  /** Nobody is above these but the process: what cannot be recorded ends the recording. */
  #attempt(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#file.stop(messageOf(error));
    }
  }

  #tick(): void {
    if (!this.#file.isOpen) return;
    if (this.#gapFrom !== undefined && this.#file.hasCaughtUp) {
      this.#tellGap();
      this.#beginAll();
    }
    for (const life of this.#lives) life.flush();
    this.#file.flush();
  }

  #turn(): void {
    if (this.#gapFrom !== undefined) return;
    for (const life of this.#lives) life.flush();
    if (!this.#file.turn()) return;
    this.#paths = this.#newPaths();
    this.#beginAll();
  }

  #tellGap(): void {
    const from = this.#gapFrom ?? 0;
    this.#gapFrom = undefined;
    this.#lost += this.#seq - from;
    this.#write({ gap: [from, this.#seq], why: 'the disk was too slow' } satisfies GapLine);
  }

  /** Those that have ended unheard are forgotten. */
  #beginAll(): void {
    for (const life of this.#lives) {
      if (life.hasEnded) this.#forget(life);
      else this.#beginAgain(life);
    }
  }

  #beginAgain(life: Life): void {
    life.begin();
    const snapshot = life.actor.getSnapshot();
    const value = 'value' in snapshot ? snapshot.value : undefined;
    const context = encodeValue('context' in snapshot ? snapshot.context : undefined, this.#masking);
    this.#write({ ...this.#actorLine(life), snapshot: { value, context } } satisfies ActorLine);
  }

  #actorLine({ n, actor, machine }: Life): ActorLine {
    return { actor: n, id: actor.id, machine: machine.id, s: this.#seq, t: this.#now() };
  }

  #header(rest: Omit<HeaderLine, 'recording' | 'epoch' | 'clock'>): HeaderLine {
    const { run, part, madeBy, machines, payloads } = rest;
    return { recording: recordingVersion, madeBy, run, part, epoch: this.#epoch, clock: this.#began, payloads, machines };
  }

  #newPaths(): PathTable {
    return new PathTable(this.#masking, (line) => this.#write(line));
  }

  /** Whole microseconds since the recording began. */
  #now(): number {
    return this.#timeOf(this.#clock.now());
  }

  #timeOf(moment: number): number {
    return Math.round((moment - this.#began) * 1000);
  }

  #stop(reason: string): void {
    this.#stopped = reason;
    for (const life of this.#lives) this.#forget(life);
    this.#latest = undefined;
    clearInterval(this.#timer);
    try {
      this.#options.onStop?.(reason);
    } catch {
      // Whoever cannot be told finds it in the status.
    }
  }
}

function lineOf(line: object): string {
  return `${JSON.stringify(line)}\n`;
}

function invalid(option: string, expected: string, found: unknown): GatechartError {
  return new GatechartError('CONFIG_INVALID', `${option}: expected ${expected}, found ${describeValue(found)}`);
}
