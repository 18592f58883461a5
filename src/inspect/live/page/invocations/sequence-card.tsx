import { useRef } from 'preact/hooks';
import type { InvocationDetail } from '../../feed/feed-invocations.js';
import { Card } from '../parts/card.js';
import { EmptyState } from '../parts/empty-state.js';
import { useElementWidth } from '../parts/element-width.js';
import { exactMs } from './duration-text.js';
import { SequenceArrow } from './sequence-arrow.js';
import { type SequenceLayout, sequenceLayout, sequenceMetrics } from './sequence-layout.js';
import { textWidth } from './text-width.js';

/** Who sent what to whom, from the top to the bottom. */
export function SequenceCard({ invocation }: { readonly invocation: InvocationDetail }) {
  const box = useRef<HTMLDivElement>(null);
  const width = useElementWidth(box);
  if (invocation.sequence.length === 0) {
    return (
      <Card title="Sequence">
        <EmptyState title="Nobody sent anything">The hook was run where its plugins are.</EmptyState>
      </Card>
    );
  }
  const layout = sequenceLayout(invocation, Math.max(0, width - 32), textWidth);
  return (
    <Card title="Sequence" note="from the top to the bottom; hover a message for its time">
      {/* Wider than the window on a narrow one: it is scrolled then, and must be reached for that. */}
      <div ref={box} class="sequence" tabIndex={0} role="group" aria-label="Drawing of the sequence">
        <Drawing layout={layout} />
        <ol class="unseen">
          {invocation.sequence.map(({ from, to, text, t, kind }, index) => (
            <li key={index}>
              {kind === 'notCalled' ? `${to} was not called` : `${exactMs(t)}: ${from} to ${to}, ${kind}: ${text}`}
            </li>
          ))}
        </ol>
      </div>
    </Card>
  );
}

function Drawing({ layout: { width, height, actors, messages, frames } }: { readonly layout: SequenceLayout }) {
  const { headHeight } = sequenceMetrics;
  return (
    <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} aria-hidden="true">
      {actors.map(({ name, x, width: wide, notCalled }) => (
        <g key={name} class={notCalled ? 'sequence-actor is-absent' : 'sequence-actor'}>
          <line x1={x} x2={x} y1={headHeight} y2={height} />
          <rect x={x - wide / 2 + 0.5} y={0.5} width={wide - 1} height={headHeight - 1} rx={6} />
          <text x={x} y={16}>
            <title>{name}</title>
            {cut(name, wide - 12)}
          </text>
          {notCalled && (
            <text class="sequence-remark" x={x} y={headHeight + 16}>
              not called
            </text>
          )}
        </g>
      ))}
      {frames.map((frame) => (
        <g key={frame.y} class="sequence-frame">
          <rect x={frame.x} y={frame.y} width={frame.width} height={frame.height} rx={8} />
          <text x={frame.x + frame.width - 8} y={frame.y + 14}>
            {frame.text}
          </text>
        </g>
      ))}
      {messages.map((placed) => (
        <SequenceArrow key={placed.y} placed={placed} cut={cut} />
      ))}
    </svg>
  );
}

/** As much of a text as fits. */
function cut(text: string, room: number): string {
  if (textWidth(text) <= room) return text;
  let end = text.length;
  while (end > 1 && textWidth(`${text.slice(0, end)}…`) > room) end -= 1;
  return `${text.slice(0, end)}…`;
}
