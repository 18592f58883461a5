import { type BigIntStats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { fromPromise } from 'xstate';
import { configWatchMachine } from '../../../machines/config-watch.machine.js';
import type { Supervisor } from '../../actors/supervisor.js';
import type { Logger } from '../../observability/logger.js';
import type { Clock } from '../../time/clock.js';

/** Milliseconds between two looks at the file. */
const intervalMs = 500;

/** Milliseconds that a file which changed must have been left alone before it is read. */
const settleMs = 100;

/** What a file looks like now, links followed; undefined where there is none, or nothing in it. */
export function lookAt(file: string): string | undefined {
  try {
    return lookOf(statSync(file, { bigint: true }));
  } catch {
    return undefined;
  }
}

/**
 * What changes when a file is written or replaced, or when a link on the way to it is. An empty one counts as none: it is
 * about to be written, and what it says until then is that no guard runs.
 */
function lookOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string | undefined {
  if (size === 0n) return undefined;
  return [dev, ino, size, mtimeNs, ctimeNs].join(':');
}

/** What a watch over a file is told. */
export interface WatchedConfig {
  readonly file: string;
  /** What it looked like before it was read. */
  readonly seen: string | undefined;
  /** Tells what it looks like now. Must not reject. */
  readonly look?: () => Promise<string | undefined>;
  /** Puts it in force. Must not reject. */
  readonly reload: () => Promise<void>;
  readonly system: Supervisor;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A file that is being followed. */
export interface ConfigWatch {
  close(): void;
}

/**
 * Follows a file. Looks at it again and again, because what the operating system tells of changes is lost on network
 * file systems and mounts, and where a link on the way is replaced, as in the volumes of Kubernetes.
 */
export function watchConfig(watched: WatchedConfig): ConfigWatch {
  const { file, seen, reload, system, clock, logger } = watched;
  const look = watched.look ?? (() => stat(file, { bigint: true }).then(lookOf, () => undefined));
  const machine = configWatchMachine.provide({
    actors: {
      // Not an event a look: of a file that nobody touches, they would push all else out of logs and recordings.
      awaitOtherLook: fromPromise(async ({ input, signal }) => {
        for (;;) {
          await nextLook(clock, signal);
          const found = await look();
          if (found !== input.before || signal.aborted) return found;
        }
      }),
      lookAtFile: fromPromise(look),
      reloadFile: fromPromise(reload),
    },
    actions: {
      reportLost: () => logger.warn({ file }, `${file} is gone or empty; what was read of it last stays in force`),
    },
  });
  const actor = system.create(machine, 'configWatch', { settleMs, seen });
  actor.start();
  return {
    close: () => {
      if (actor.getSnapshot().status === 'active') actor.send({ type: 'close' });
    },
  };
}

/** Settles when it is time to look again; never, once nobody follows the file. */
function nextLook(clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => clock.clearTimeout(timer);
    const timer = clock.setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, intervalMs);
    signal.addEventListener('abort', stop, { once: true });
  });
}
