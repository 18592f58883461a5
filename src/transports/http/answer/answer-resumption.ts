import { type ActorRefFrom, fromCallback } from 'xstate';
import {
  type AnswerResumptionEvent,
  answerResumptionMachine,
  type AnswerResumptionSettings,
} from '../../../../machines/answer-resumption.machine.js';
import { messageOf } from '../../../errors.js';
import { holdingClock } from '../../../time/holding-clock.js';
import { linkActor } from '../../link-actors.js';
import type { WireMessage } from '../../mcp/json-rpc.js';
import { LinkError } from '../../transport.js';
import type { AnswerTrouble } from './answer-trouble.js';
import { AnswerRequest } from './answer-request.js';
import type { HttpClientSession } from '../http-client-session.js';
import type { PostedMessage } from './posted-message.js';

const settings: AnswerResumptionSettings = { usualDelayMs: 1000, mostAttempts: 3 };

/** Hears of the rest of an answer: of its coming or its failing, once. */
export interface ResumptionListener {
  /** A request for the rest is under way from now on. */
  asked(request: AnswerRequest): void;
  answered(message: WireMessage | undefined): void;
  failed(error: LinkError): void;
  /** Nothing of the request is under way any more. */
  ended(): void;
}

/**
 * Fetches the rest of an answer whose stream ended early. Runs `machines/answer-resumption.machine.ts`, whose actor lives
 * from then on until the answer has come; the usual answer has none.
 */
export function resumeAnswer(
  session: HttpClientSession,
  message: PostedMessage,
  place: { readonly lastEventId: string; readonly retryMs: number | undefined },
  listener: ResumptionListener,
): ActorRefFrom<typeof answerResumptionMachine> {
  const { actors, clock, logger, name } = session.options;
  const failed = (what: string, cause: Error | undefined): void =>
    listener.failed(new LinkError('cutOff', what, { cause }));
  const machine = answerResumptionMachine.provide({
    actors: {
      askForRest: fromCallback<AnswerResumptionEvent, { lastEventId: string }>(({ input, sendBack }) => {
        const request = new AnswerRequest(session, message, input.lastEventId, {
          answered: (answer) => {
            listener.answered(answer);
            sendBack({ type: 'answer.came' });
          },
          failed: (trouble) => {
            if (trouble.kind === 'tooLarge') listener.failed(trouble.error);
            sendBack(eventOf(trouble));
          },
          ended: () => listener.ended(),
        });
        listener.asked(request);
        request.start();
        return () => {
          if (!request.isSettled) request.cancel();
        };
      }),
    },
    actions: {
      reportRefusal: ({ context: { lastError } }) =>
        failed(`the rest of the answer could not be fetched: ${messageOf(lastError)}`, lastError),
      reportLoss: ({ context: { lastError } }) => failed(messageOf(lastError), lastError),
    },
  });
  // Somebody waits for the answer.
  const input = { settings, ...place };
  const actor = linkActor(machine, `resumption:${name}`, input, actors?.resumptions, holdingClock(clock));
  actor.subscribe({
    error: (error) => {
      logger.error({ connection: name, error: messageOf(error) }, 'resuming an answer of MCP server');
      failed(messageOf(error), error instanceof Error ? error : undefined);
    },
  });
  actor.start();
  return actor;
}

function eventOf(trouble: AnswerTrouble): AnswerResumptionEvent {
  switch (trouble.kind) {
    case 'tooLarge':
      return { type: 'answer.came' };
    case 'refused':
      return { type: 'rest.refused', error: trouble.error };
    case 'cutOff': {
      const { error, lastEventId, retryMs } = trouble;
      return { type: 'rest.cutOff', error, lastEventId, retryMs };
    }
  }
}
