import type { ComponentChildren } from 'preact';
import type { SampleMessage } from '../../feed/messages.js';
import { useModel } from '../shell/page-context.js';

export interface EmptyStateProps {
  readonly title: string;
  readonly children?: ComponentChildren;
  /** A command that leads on. */
  readonly command?: string;
}

/** There is nothing, and why. */
export function EmptyState({ title, children, command }: EmptyStateProps) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children !== undefined && <p>{children}</p>}
      {command !== undefined && <code>{command}</code>}
    </div>
  );
}

/** Rows that are about to come. */
export function Skeleton({ rows }: { readonly rows: number }) {
  return (
    <div class="skeleton" aria-hidden="true">
      {Array.from({ length: rows }, (_none, row) => (
        <i key={row} style={{ width: `${90 - ((row * 17) % 40)}%` }} />
      ))}
    </div>
  );
}

/** Says beside a list that it is not all there was: `1 in 8`. Nothing where all is sent. */
export function SampledNote({ of }: { readonly of: SampleMessage['of'] }) {
  const sample = useModel(({ samples }) => samples.get(of));
  if (sample === undefined || sample.drawn <= 1) return null;
  return (
    <span class="sampled" title={`All that are ${sample.keeps.join(', ')} are here. Counts are exact.`}>
      1 in {sample.drawn}
    </span>
  );
}
