import type { ComponentChildren } from 'preact';
import { Shape, type ShapeProps } from '../parts/shape.js';
import type { Look } from './step-meaning.js';

/** Shapes that all of the page has. */
const shared: Partial<Readonly<Record<Look, ShapeProps['of']>>> = {
  passed: 'passed',
  modified: 'modified',
  blocked: 'blocked',
  failed: 'cross',
  timedOut: 'timedOut',
  running: 'connecting',
};

const own: Partial<Readonly<Record<Look, ComponentChildren>>> = {
  aborted: (
    <>
      <circle cx="6" cy="6" r="4.6" fill="none" stroke="currentColor" stroke-width="1.4" />
      <path d="m2.8 9.2 6.4-6.4" stroke="currentColor" stroke-width="1.4" />
    </>
  ),
  skipped: <path d="M2 6h8" stroke="currentColor" stroke-width="1.5" />,
  background: (
    <>
      <circle cx="2" cy="6" r="1.1" fill="currentColor" />
      <circle cx="6" cy="6" r="1.1" fill="currentColor" />
      <circle cx="10" cy="6" r="1.1" fill="currentColor" />
    </>
  ),
};

/** The shape of what a plugin did. The words beside it say the same. */
export function StepMark({ look }: { readonly look: Look }) {
  const of = shared[look];
  if (of !== undefined) return <Shape of={of} />;
  return (
    <svg class={`shape look-${look}`} viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
      {own[look]}
    </svg>
  );
}
