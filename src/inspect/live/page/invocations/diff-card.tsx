import { useState } from 'preact/hooks';
import type { DiffDetail, InvocationDetail } from '../../feed/feed-invocations.js';
import { Card } from '../parts/card.js';
import { Segments } from '../parts/segments.js';
import { counted } from '../parts/time-format.js';
import { useModel } from '../shell/page-context.js';
import { type DiffRow, diffRest, diffRows } from './diff-rows.js';

const inSum = 'in sum';

/** What became of the payload on its way: in sum, and by plugin. */
export function DiffCard({ invocation }: { readonly invocation: InvocationDetail }) {
  const redacted = useModel(({ hello }) => hello?.payloads !== 'shown');
  const [chosen, setChosen] = useState(inSum);
  const byPlugin = invocation.steps.flatMap(({ p, diff }) => (diff === undefined ? [] : [[p, diff] as const]));
  const shown: readonly (readonly [string, DiffDetail])[] =
    invocation.diff === undefined ? byPlugin : [[inSum, invocation.diff], ...byPlugin];
  const [name, diff] = shown.find(([one]) => one === chosen) ?? shown[0] ?? [];
  if (name === undefined || diff === undefined) {
    return (
      <Card title="Changed on the way" note="nothing">
        <p class="remark-text dim">Every plugin handed the payload on as it came.</p>
      </Card>
    );
  }
  const [only] = byPlugin;
  const who = byPlugin.length === 1 && only !== undefined ? `${only[0]}, ` : '';
  const choices = shown.map(([one]): readonly [string, string] => [one, one]);
  return (
    <Card title="Changed on the way" note={`${who}${counted(diff.changes.length + diff.more, 'value')}`} class="diff">
      {byPlugin.length > 1 && (
        <div class="diff-choice">
          <Segments label="whose changes" options={choices} value={name} onChange={setChosen} />
        </div>
      )}
      {diffRows(diff).map((row) => (
        <Change key={row.path} row={row} />
      ))}
      <p class="remark-text faint">
        {diffRest(diff)}
        {redacted && (
          <>
            {' '}
            Values are not shown: <code>--inspect-payloads</code> shows them.
          </>
        )}
      </p>
    </Card>
  );
}

function Change({ row: { path, about, lines } }: { readonly row: DiffRow }) {
  return (
    <div class="change">
      <header>
        <code>{path}</code>
        <span>{about}</span>
      </header>
      {lines.map(({ sign, spans, redacted }) => (
        <p key={sign} class={sign === '-' ? 'was' : 'now'}>
          <span class="unseen">{sign === '-' ? 'was' : 'is now'}</span>
          <i aria-hidden="true">{sign === '-' ? '−' : '+'}</i>
          <code class={redacted ? 'faint' : ''}>
            {spans.map(({ text, marked }, index) =>
              marked ? sign === '-' ? <del key={index}>{text}</del> : <ins key={index}>{text}</ins> : text,
            )}
          </code>
        </p>
      ))}
    </div>
  );
}
