import { randomBytes } from 'node:crypto';
import { type AnyStateMachine, type EventObject } from 'xstate';
import type { ActorObserver, ObservedActor, Prepared } from '../../../actors/actor-observer.js';
import { ProgrammedActor } from '../../../actors/programmed-actor.js';
import type { ActorRecorder } from '../../../actors/actor-recorder.js';
import { messageOf } from '../../../errors.js';
import { packageVersion } from '../../../package-version.js';
import type { Clock } from '../../../time/clock.js';
import { machineFingerprints } from '../../live/watch/machine-fingerprints.js';
import { encodeValue, type Masking } from '../recorded-value.js';
import type { ActorLine, EndLine, GapLine, RecordingHeader } from '../recording-format.js';
import { recordingVersion } from '../recording-format.js';
import { AskedValues, listenedTo } from './asked-values.js';
import { LifeRegister } from './life-register.js';
import type { Life } from './lives.js';
import { masked, unmasked } from './masking.js';
import { PathTable } from './path-table.js';
import { checkedOptions, type RecorderOptions, type RecorderStatus } from './recorder-options.js';
import { RecordingFile } from './recording-file.js';

/** Milliseconds that what happened may wait before it is written. */
const flushMs = 100;

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
  readonly #masking: Masking;
  readonly #file: RecordingFile;
  readonly #lives: LifeRegister;
  readonly #values = new WeakMap<AnyStateMachine, AskedValues>();
  readonly #timer: NodeJS.Timeout;
  #paths: PathTable;
  #seq = 0;
  #lost = 0;
  /** Number of the first event that was not recorded. */
  #gapFrom: number | undefined;
  #stopped: string | undefined;

  /** @internal */
  constructor(options: RecorderOptions) {
    const { file, payloads, maxBytes, clock } = checkedOptions(options);
    this.#options = options;
    this.#clock = clock;
    this.#began = clock.now();
    this.#masking = payloads ? unmasked() : masked();
    const header = {
      recording: recordingVersion,
      madeBy: `gatechart ${packageVersion}`,
      run: randomBytes(8).toString('hex'),
      epoch: Date.now(),
      clock: this.#began,
      payloads: payloads ? 'recorded' : 'redacted',
      machines: machineFingerprints(),
    } as const;
    this.#file = new RecordingFile({
      path: file,
      bytes: maxBytes,
      begin: (part) => lineOf({ ...header, part } satisfies RecordingHeader),
      onFull: () => this.#attempt(() => this.#turn()),
      onStop: (reason) => this.#stop(reason),
    });
    this.#paths = this.#newPaths();
    this.#lives = new LifeRegister({
      masking: this.#masking,
      paths: () => this.#paths,
      now: () => this.#now(),
      timeOf: (moment) => this.#timeOf(moment),
      write: (line) => this.#write(line),
      writeText: (line) => this.#writeText(line),
    });
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
    this.#attempt(() => {
      if (this.#gapFrom !== undefined) this.#tellGap();
      else for (const life of this.#lives) life.flush();
    });
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
    if (actor instanceof ProgrammedActor) {
      const isNew = input !== undefined && this.#gapFrom === undefined;
      const start = isNew ? this.#paths.start(machine.id, actor.name, input) : undefined;
      const life = this.#lives.addShort(actor, machine, start);
      if (start === undefined) this.#beginAgain(life);
      return;
    }
    const values = this.#values.get(machine);
    const life = this.#lives.addLong(actor, machine, values, input);
    if (values === undefined) return this.#beginAgain(life);
    this.#write({ ...this.#actorLine(life), input: encodeValue(input, this.#masking) } satisfies ActorLine);
  }

  #takes(actor: ObservedActor): void {
    const life = this.#lives.of(actor);
    if (life !== undefined) life.takes(++this.#seq);
  }

  #took(actor: ObservedActor, event: EventObject): void {
    const life = this.#lives.of(actor);
    if (life === undefined) return;
    if (this.#gapFrom === undefined) life.took(event);
    if (!life.hasEnded) return;
    if (this.#gapFrom === undefined) life.flush();
    this.#lives.forget(life);
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
      if (life.hasEnded) this.#lives.forget(life);
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
    this.#lives.forgetAll();
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
