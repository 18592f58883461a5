import type { RecordingSource, Until } from '../feed/live-source.js';
import { type Answer, jsonAnswer, refusal } from './answers.js';
import { BadRequest, RequestQuery } from './request-query.js';

/** Steps in one answer. */
const mostSteps = 1_000;

const highest = Number.MAX_SAFE_INTEGER;

/** `GET /step`, `/steps`, `/until` and `/test` of a recording; undefined for other paths. @throws BadRequest */
export function recordingPage(recording: RecordingSource, path: string, query: URLSearchParams): Answer | undefined {
  switch (path) {
    case '/step': {
      const seq = new RequestQuery(query, ['seq']).integer('seq', 0, highest);
      const step = recording.step(seq);
      return step === undefined ? refusal(404, `the recording has no event ${seq}`) : jsonAnswer(step);
    }
    case '/steps': {
      const asked = new RequestQuery(query, ['from', 'count']);
      return jsonAnswer(recording.steps(asked.integer('from', 0, highest), asked.integer('count', 1, mostSteps)));
    }
    case '/until': {
      const asked = new RequestQuery(query, ['from', 'actor', 'state', 'next', 'guard']);
      return jsonAnswer(recording.until(untilOf(asked), asked.integer('from', 0, highest)));
    }
    case '/test': {
      const seq = new RequestQuery(query, ['seq']).integer('seq', 0, highest);
      return { status: 200, type: 'text/plain; charset=utf-8', body: recording.test(seq) };
    }
    default:
      return undefined;
  }
}

/** Exactly one of the three. */
function untilOf(query: RequestQuery): Until {
  const given = ['actor', 'next', 'guard'].filter((name) => query.optional(name) !== undefined);
  if (given.length !== 1) throw new BadRequest('expected one of actor with state, next, or guard');
  if (query.optional('actor') !== undefined) return { actor: query.text('actor'), state: query.text('state') };
  if (query.optional('state') !== undefined) throw new BadRequest('parameter state goes with actor');
  if (query.optional('guard') !== undefined) return { guard: query.text('guard') };
  const next = query.text('next');
  if (next === 'block' || next === 'failure' || next === 'departure') return { next };
  throw new BadRequest('parameter next: expected block, failure or departure');
}
