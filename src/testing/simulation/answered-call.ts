import { isRecord } from '../../json/records.js';
import type { ServerAnswer } from './acts.js';
import type { SimulatedCall } from './simulated-call.js';
import type { SimulatedChannel } from './simulated-channel.js';

/** One call that a scripted server works on. */
export interface CallOnServer {
  /** Whether the other side waits for nothing any more: it was answered, or cancelled. */
  readonly isOver: boolean;
  /** The other side says that nobody waits. */
  cancel(): void;
}

interface Asked {
  readonly id: unknown;
  readonly params: unknown;
  readonly call: SimulatedCall;
  readonly answer: ServerAnswer;
}

/** Answers a call as its script says. */
export function answerCall(channel: SimulatedChannel, asked: Asked): CallOnServer {
  const { id, call, answer } = asked;
  let isOver = false;
  const stops: (() => void)[] = [];
  const say = (message: object, afterMs: number): void => void stops.push(channel.say(message, afterMs));
  const over = (afterMs: number): void => {
    stops.push(channel.after(afterMs, () => (isOver = true)));
  };
  const respond = (response: object, afterMs: number): void => {
    over(afterMs);
    say({ jsonrpc: '2.0', id, ...response }, afterMs);
  };
  switch (answer.kind) {
    case 'answers':
    case 'fails':
    case 'answersTwice':
    case 'answersAsText':
    case 'isError': {
      const { afterMs, progress = 0, asks = false } = answer;
      const token = progressToken(asked.params);
      for (let count = 1; count <= progress; count++) {
        const params = { progressToken: token, progress: count, message: call.id };
        say(
          { jsonrpc: '2.0', method: 'notifications/progress', params },
          Math.floor((afterMs * count) / (progress + 1)),
        );
      }
      if (asks) {
        const params = {
          message: call.id,
          requestedSchema: { type: 'object', properties: {} },
          _meta: { progressToken: token },
        };
        say(
          { jsonrpc: '2.0', id: `question of ${call.id}`, method: 'elicitation/create', params },
          Math.floor(afterMs / 2),
        );
      }
      if (answer.kind === 'fails')
        respond({ error: { code: -32_050, message: `${call.id} came to nothing` } }, afterMs);
      else if (answer.kind === 'answersAsText') respond({ id: String(id), result: resultOf(call, false) }, afterMs);
      else respond({ result: resultOf(call, answer.kind === 'isError') }, afterMs);
      if (answer.kind === 'answersTwice') say({ jsonrpc: '2.0', id, result: resultOf(call, false) }, afterMs + 1);
      break;
    }
    case 'answersLate':
      over(answer.afterMs);
      channel.say({ jsonrpc: '2.0', id, result: resultOf(call, false) }, answer.afterMs);
      break;
    case 'garbage':
      respond(garbage[answer.form % garbage.length] ?? {}, answer.afterMs);
      break;
    case 'dies':
      channel.after(answer.afterMs, () => channel.die());
      break;
    case 'hangs':
    case 'notSent':
    case 'sessionLost':
    case 'cutOff':
    case 'refused':
  }
  return {
    get isOver() {
      return isOver;
    },
    cancel() {
      isOver = true;
      for (const stop of stops) stop();
    },
  };
}

/** What is no answer, though it has the id of the question. */
const garbage: readonly object[] = [
  {},
  { result: 'text' },
  { result: null },
  { result: [1] },
  { result: {}, error: { code: 1, message: 'both' } },
  { error: 'text' },
  { error: { message: 'no code' } },
];

function resultOf({ id: call, owner, server, tool }: SimulatedCall, isError: boolean): object {
  return { content: [{ type: 'text', text: call }], structuredContent: { call, owner, server, tool }, isError };
}

function progressToken(params: unknown): unknown {
  const meta = isRecord(params) ? params['_meta'] : undefined;
  return isRecord(meta) ? meta['progressToken'] : undefined;
}
