import type { LiveSource } from '../feed/live-source.js';
import { type Answer, jsonAnswer, refusal } from './answers.js';
import { recordingPage } from './recording-pages.js';
import { RequestQuery } from './request-query.js';

/** What is asked for once, beside the feed. */
export interface PagesDependencies {
  readonly source: LiveSource;
  /** The layout of the chart of a machine, as JSON; undefined where there is no such machine. */
  readonly readChart: (machine: string) => Promise<string | undefined>;
}

/** Answers a `GET` of who was let in; undefined where there is no such page. @throws BadRequest */
export async function inspectorPage(
  { source, readChart }: PagesDependencies,
  { pathname, searchParams: query }: URL,
): Promise<Answer | undefined> {
  if (pathname === '/next') {
    const actor = new RequestQuery(query, ['actor']).text('actor');
    return answerOr(source.next(actor), 'there is no such actor');
  }
  if (pathname === '/invocation') {
    const id = new RequestQuery(query, ['id']).text('id');
    return answerOr(source.invocation(id), 'there is no such invocation, or it is no longer held');
  }
  const machine = /^\/charts\/(\w{1,60})\.json$/.exec(pathname)?.[1];
  if (machine !== undefined) {
    void new RequestQuery(query, []);
    const layout = await readChart(machine);
    return layout === undefined ? refusal(404, 'there is no such machine') : { ...jsonAnswer(null), body: layout };
  }
  return source.recording === undefined ? undefined : recordingPage(source.recording, pathname, query);
}

function answerOr(found: object | undefined, missing: string): Answer {
  return found === undefined ? refusal(404, missing) : jsonAnswer(found);
}
