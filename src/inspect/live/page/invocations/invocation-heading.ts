import type { InvocationDetail, InvocationRow } from '../../feed/feed-invocations.js';
import { duration } from '../parts/time-format.js';
import { exactMs } from './duration-text.js';
import { serverWord } from './sequence-actors.js';
import { outcomeWords } from './step-meaning.js';

/** Who decided, and how: `blocked by SecretsDetection`. */
export function verdictText(row: Pick<InvocationRow, 'outcome' | 'by'>): string {
  const word = outcomeWords[row.outcome];
  if (row.by === undefined) return word;
  return row.outcome === 'blocked' || row.outcome === 'modified' || row.outcome === 'aborted'
    ? `${word} by ${row.by}`
    : `${word} in ${row.by}`;
}

/** When it was decided, or how long it runs: `Decided after 12.86 ms.` */
export function decisionText({ decided }: InvocationRow, nowMs: number): string {
  return decided === undefined ? `Running for ${duration(nowMs)}.` : `Decided after ${exactMs(decided)}.`;
}

/** Whether the call reached the server; empty where no gateway has part in it, and so no server. */
export function serverText(invocation: InvocationDetail): string {
  switch (serverWord(invocation)) {
    case 'called':
      return 'The server was called.';
    case 'not called':
      return invocation.outcome === 'running' ? 'The server is not called yet.' : 'The server was not called.';
    case 'unknown':
      return invocation.call === undefined || invocation.outcome === 'running'
        ? ''
        : 'Whether the server was called is not known.';
  }
}
