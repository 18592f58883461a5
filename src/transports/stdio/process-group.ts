import { onExit } from 'signal-exit';
import type { Clock } from '../../time/clock.js';
import { deferred } from '../../time/deferred.js';
import { onlyZombies } from './process-table.js';

const afterKillMs = 1000;
const slowestPollMs = 64;

/** Groups that run now; ended if this process exits without having closed them. */
const running = new Set<ProcessGroup>();
let stopWatching: (() => void) | undefined;

function watchOwnExit(): void {
  stopWatching ??= onExit(() => {
    for (const group of running) group.signal('SIGKILL');
  });
}

/**
 * A child that leads its own process group, with everything it started and that did not leave the group:
 * `npx → sh → node` is ended as one. Without process groups (Windows) it is the child alone.
 */
export class ProcessGroup {
  readonly #pid: number;
  readonly #clock: Clock;
  #ended: Promise<void> | undefined;

  constructor(pid: number, clock: Clock) {
    // 0 and 1 would address our own group and every process there is.
    if (!(pid > 1)) throw new RangeError(`${pid} is not the id of a child process`);
    this.#pid = pid;
    this.#clock = clock;
    running.add(this);
    watchOwnExit();
  }

  /** True while a process of the group exists. */
  signal(signal: NodeJS.Signals | 0): boolean {
    try {
      return process.kill(process.platform === 'win32' ? this.#pid : -this.#pid, signal);
    } catch (error) {
      // EPERM: it exists, under another user.
      return error instanceof Error && 'code' in error && error.code === 'EPERM';
    }
  }

  /**
   * SIGTERM, then SIGKILL after `graceMs`; settles when no process of the group is left. Nothing outlives SIGKILL but
   * a process that hangs in the kernel, so the wait after it has an end.
   */
  end(graceMs: number): Promise<void> {
    this.#ended ??= this.#end(graceMs);
    return this.#ended;
  }

  async #end(graceMs: number): Promise<void> {
    if (this.signal('SIGTERM') && !(await this.gone(graceMs))) {
      this.signal('SIGKILL');
      await this.gone(afterKillMs);
    }
    running.delete(this);
    if (running.size === 0) {
      stopWatching?.();
      stopWatching = undefined;
    }
  }

  /** Waits until no process of the group is left; false after `ms` milliseconds. */
  async gone(ms: number): Promise<boolean> {
    const deadline = this.#clock.now() + ms;
    for (let pauseMs = 2; this.signal(0); pauseMs = Math.min(pauseMs * 2, slowestPollMs)) {
      const leftMs = deadline - this.#clock.now();
      if (leftMs <= 0) return false;
      if (pauseMs === slowestPollMs && (await onlyZombies(this.#pid))) return true;
      const pause = deferred();
      this.#clock.setTimeout(() => pause.resolve(), Math.min(pauseMs, leftMs)).ref?.();
      await pause.promise;
    }
    return true;
  }
}
