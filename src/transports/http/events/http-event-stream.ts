import { type ActorRefFrom, fromCallback } from 'xstate';
import type { EventStreamEvent, EventStreamSettings } from '../../../../machines/event-stream-context.js';
import { eventStreamMachine } from '../../../../machines/event-stream.machine.js';
import { providedMachine } from '../../../actors/provided-machine.js';
import { isGatechartError, messageOf } from '../../../errors.js';
import { linkActor } from '../../link-actors.js';
import type { StreamStatus } from '../../transport.js';
import { longestRetryMs } from './event-stream.js';
import type { HttpClientSession } from '../http-client-session.js';
import { StreamRequest } from './stream-request.js';
import { msUntil } from '../../../time/duration.js';

const settings: EventStreamSettings = {
  firstDelayMs: 1000,
  longestDelayMs: longestRetryMs,
  longestRetryAfterMs: 300_000,
  jitter: 0.25,
};

/** Runs `machines/event-stream.machine.ts` for one session. */
export class HttpEventStream {
  readonly #session: HttpClientSession;
  #actor: ActorRefFrom<typeof eventStreamMachine> | undefined;

  constructor(session: HttpClientSession) {
    this.#session = session;
  }

  open(): void {
    const { actors, clock, logger, name, random } = this.#session.options;
    const machine = providedMachine(eventStreamMachine, {
      actors: {
        carryStream: fromCallback<EventStreamEvent, { lastEventId: string }>(({ input, sendBack }) => {
          const request = new StreamRequest(this.#session, input.lastEventId, sendBack);
          return () => request.cancel();
        }),
      },
      actions: {
        reportLost: ({ context: { lastError } }) => {
          const isSaid = isGatechartError(lastError) && lastError.code === 'SESSION_LOST';
          const lost = this.#session.lost('no longer knows our session (its event stream is gone)');
          this.#session.options.onLost(isSaid ? lastError : lost);
        },
      },
    });
    const input = { settings, now: () => clock.now(), random };
    this.#actor = linkActor(machine, `stream:${name}`, input, actors?.streams, clock);
    this.#actor.subscribe({
      error: (error) => logger.error({ connection: name, error: messageOf(error) }, 'event stream of MCP server'),
    });
    this.#actor.start();
  }

  stop(): void {
    if (this.#actor?.getSnapshot().status === 'active') this.#actor.send({ type: 'close' });
  }

  status(): StreamStatus | undefined {
    if (this.#actor === undefined) return undefined;
    const { value, context } = this.#actor.getSnapshot();
    const { attempt, lastError, dueAt } = context;
    return {
      state: typeof value === 'string' ? value : `streaming.${value.streaming}`,
      attempt,
      lastError,
      nextTimerInMs: msUntil(dueAt, this.#session.options.clock.now()),
    };
  }
}
