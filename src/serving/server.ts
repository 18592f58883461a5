import { fromCallback, fromPromise } from 'xstate';
import { type ServerEvent, serverMachine } from '../../machines/server.machine.js';
import { Supervisor } from '../actors/supervisor.js';
import { GatechartError, messageOf } from '../errors.js';
import type { Logger } from '../observability/logger.js';
import type { Clock } from '../time/clock.js';
import { deferred } from '../time/deferred.js';
import { holdingClock } from '../time/holding-clock.js';
import type { Endpoint } from './endpoint.js';

/** What a server is made of, whatever it serves. */
export interface ServerDependencies {
  /** As messages name it: `plugin server`. */
  readonly name: string;
  /** Opens the endpoint. */
  readonly open: () => Promise<Endpoint>;
  /** Ends what is served, once no client can reach it; also when the server could not start. */
  readonly release: () => Promise<void>;
  /** Milliseconds that running calls get to finish when the server ends. */
  readonly graceMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where the actor of the server lives; see {@link listenerSystem}. Default: a system of its own. */
  readonly actors?: Supervisor;
}

/** A server, from its start to its end. */
export interface Server {
  /** Gives the address when clients reach it. Rejects, when all is released again, with the reason that it could not start. */
  readonly started: Promise<string>;
  /** Settles when the server is gone, whoever ended it. Never rejects. */
  readonly closed: Promise<void>;
  /** Takes no more calls, lets running ones finish, ends connections and what was served. The same as `closed`. */
  close(): Promise<void>;
}

/** A system for the actors of servers: the process does not end before the grace period does, or the calls that it is for. */
export function listenerSystem(clock: Clock, logger: Logger): Supervisor {
  return new Supervisor('listeners', logger, holdingClock(clock));
}

/** Starts a server, which runs `machines/server.machine.ts`. */
export function startServer(dependencies: ServerDependencies): Server {
  const { name, open, release, graceMs, clock, logger, actors = listenerSystem(clock, logger) } = dependencies;
  const started = deferred<string>();
  const closed = deferred();
  // Who only waits for the end is told by that.
  started.promise.catch(() => {});
  let endpoint: Endpoint | undefined;

  const opening = async (tell: (event: ServerEvent) => void): Promise<void> => {
    try {
      endpoint = await open();
      tell({ type: 'endpoint.opened', address: endpoint.address });
    } catch (error) {
      tell({ type: 'endpoint.failed', error });
    }
  };
  const drain = async (): Promise<void> => {
    endpoint?.drain();
    await endpoint?.idle();
  };
  const end = (address: string | undefined, error: unknown): void => {
    started.reject(error ?? new GatechartError('SERVER_START_FAILED', `The ${name} was closed before it had started`));
    closed.resolve();
    if (address !== undefined) logger.info({ address }, `the ${name} is closed`);
  };

  const machine = serverMachine.provide({
    actors: {
      openEndpoint: fromCallback<ServerEvent>(({ sendBack }) => void opening(sendBack)),
      watchEndpoint: fromCallback<ServerEvent>(({ sendBack }) => {
        void endpoint?.ended.then(() => sendBack({ type: 'endpoint.ended' }));
      }),
      drainEndpoint: fromPromise(drain),
      closeEndpoint: fromPromise(async () => endpoint?.close()),
      releaseServed: fromPromise(release),
    },
    actions: {
      tellStarted: ({ context: { address = '' } }) => started.resolve(address),
      tellStopped: ({ context: { address, error } }) => end(address, error),
      reportUnclean: ({ event }) =>
        logger.error({ error: messageOf(errorOf(event)) }, `the connections of the ${name} did not end cleanly`),
      reportUnreleased: ({ event }) =>
        logger.error({ error: messageOf(errorOf(event)) }, `what the ${name} served did not end cleanly`),
    },
  });
  const actor = actors.createNamed(machine, `server:${name}`, { graceMs, now: () => clock.now() });
  actor.start();
  return {
    started: started.promise,
    closed: closed.promise,
    close: () => {
      if (actor.getSnapshot().status === 'active') actor.send({ type: 'close' });
      return closed.promise;
    },
  };
}

function errorOf(event: object): unknown {
  return 'error' in event ? event.error : undefined;
}
