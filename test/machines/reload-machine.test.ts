import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { reloadMachine } from '../../machines/index.js';
import { Supervisor } from '../../src/actors/supervisor.js';
import { GatechartError, type ReloadReport } from '../../src/index.js';
import { Reloads, type ReloadSteps } from '../../src/config/reload/reloads.js';
import { ManualClock, RecordingLogger } from '../../src/testing/index.js';
import { type Deferred, deferred } from '../../src/time/deferred.js';
import { EdgeCoverage } from '../models/edge-coverage.js';

const nobody: readonly never[] = [];
const report: ReloadReport = {
  added: nobody,
  removed: nobody,
  replaced: nobody,
  changed: nobody,
  unchanged: nobody,
  skipped: nobody,
  settings: nobody,
  restartNeeded: nobody,
  warnings: nobody,
};

/** A reload whose steps end when a test says so. */
class Scripted implements ReloadSteps<ReloadReport> {
  readonly report = report;
  readonly done: string[] = [];
  answer: 'pending' | 'done' | 'failed' | 'closed' = 'pending';
  #step: Deferred<void> | undefined;

  constructor(readonly isInvalid: boolean) {}

  /** Whether a step runs that can end. */
  get isBusy(): boolean {
    return this.#step !== undefined;
  }

  check(): void {
    this.done.push('check');
    if (this.isInvalid) throw new Error('invalid');
  }

  start = (): Promise<void> => this.#run('start');
  undo = (): Promise<void> => this.#run('undo');
  retire = (): Promise<void> => this.#run('retire');

  swap(): void {
    this.done.push('swap');
  }

  end(how: 'well' | 'badly'): void {
    const step = this.#step;
    this.#step = undefined;
    if (how === 'badly' && this.done.at(-1) === 'start') step?.reject(new Error('did not start'));
    else step?.resolve();
  }

  #run(step: string): Promise<void> {
    this.done.push(step);
    this.#step = deferred();
    return this.#step.promise;
  }
}

/** What a reload has done by its end, or until it was refused. */
const courses = ['', 'check', 'check,start,undo', 'check,start,swap,retire'];

class World {
  readonly clock = new ManualClock();
  readonly reloads: Reloads<ReloadReport>;
  readonly tasks: Scripted[] = [];
  isClosed = false;

  constructor(inspect: EdgeCoverage['inspect'] = () => {}) {
    const system = new Supervisor('changes', new RecordingLogger(), this.clock);
    system.inspect(inspect);
    this.reloads = new Reloads(
      { what: 'the doors', textOf: () => 'all', closed: () => new GatechartError('MANAGER_CLOSED', 'closed') },
      system,
      new RecordingLogger(),
    );
  }

  async take(step: Step): Promise<void> {
    const busy = this.tasks.filter((task) => task.isBusy && task.answer === 'pending');
    if (step === 'close') {
      this.isClosed = true;
      this.reloads.close();
    } else if (step === 'ends well' || step === 'ends badly') busy[0]?.end(step === 'ends well' ? 'well' : 'badly');
    else this.#ask(step === 'invalid');
    await this.clock.run(0);
    this.check();
  }

  /** Whatever was still to come comes. */
  async finish(): Promise<void> {
    for (let steps = 0; steps < 100 && this.tasks.some((task) => task.answer === 'pending'); steps++)
      await this.take('ends well');
    for (const task of this.tasks) expect(task.answer).not.toBe('pending');
    await this.take('close');
  }

  check(): void {
    // One after the other, in the order in which they were asked for.
    const begun = this.tasks.map(({ done }) => done.length > 0);
    expect(begun).toEqual(begun.toSorted((a, b) => Number(b) - Number(a)));
    const open = this.tasks.filter(({ answer, done }) => answer === 'pending' && done.length > 0);
    expect(open.length).toBeLessThanOrEqual(this.isClosed ? 0 : 1);
    for (const { done, answer, isInvalid } of this.tasks) {
      const course = done.join();
      expect(courses.some((whole) => whole.startsWith(course))).toBe(true);
      if (answer === 'done') expect(course).toBe('check,start,swap,retire');
      if (answer === 'failed') expect(course).toBe(isInvalid ? 'check' : 'check,start,undo');
      if (answer === 'closed') expect(this.isClosed).toBe(true);
    }
    if (this.isClosed) expect(this.tasks.map(({ answer }) => answer)).not.toContain('pending');
    expect(this.clock.size).toBe(0);
  }

  #ask(isInvalid: boolean): void {
    const task = new Scripted(isInvalid);
    this.tasks.push(task);
    const settle = (answer: Scripted['answer']): void => {
      expect(task.answer).toBe('pending');
      task.answer = answer;
    };
    this.reloads.run(task).then(
      () => settle('done'),
      (error: unknown) => settle(error instanceof Error && 'code' in error ? 'closed' : 'failed'),
    );
  }
}

const step = fc.oneof(
  { arbitrary: fc.constantFrom('valid' as const, 'invalid' as const), weight: 3 },
  { arbitrary: fc.constantFrom('ends well' as const, 'ends badly' as const), weight: 4 },
  fc.constant('close' as const),
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;
const anySteps = fc.array(step, { maxLength: 20 });

test('reloads are carried out one after the other, each as a whole or not at all, and each is answered once', async () => {
  await fc.assert(
    fc.asyncProperty(anySteps, async (taken) => {
      const world = new World();
      for (const one of taken) await world.take(one);
      await world.finish();
    }),
    { numRuns: 400 },
  );
});

test('every edge of the reload machine is taken', async () => {
  const coverage = new EdgeCoverage(reloadMachine);
  const courses: Step[][] = [
    ['valid', 'valid', 'ends well', 'ends well', 'ends badly', 'ends well'],
    ['invalid', 'close'],
  ];
  for (const taken of courses) {
    const world = new World(coverage.inspect);
    for (const one of taken) await world.take(one);
    await world.finish();
  }
  expect(coverage.size).toBe(8);
  expect(coverage.missing).toEqual([]);
});
