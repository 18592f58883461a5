import type { ComponentChildren } from 'preact';
import type { Meaning } from './meaning.js';

/** Each of 12 × 12, in the colour of the text around it. */
const drawings: Readonly<Record<Meaning | 'passed' | 'timedOut' | 'cross', ComponentChildren>> = {
  ready: <circle cx="6" cy="6" r="4.5" fill="currentColor" />,
  connecting: (
    <>
      <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" stroke-width="1.5" />
      <path d="M6 2a4 4 0 0 1 0 8z" fill="currentColor" />
    </>
  ),
  reconnecting: (
    <>
      <path d="M9.9 7.6A4.2 4.2 0 1 1 9.6 3.8" fill="none" stroke="currentColor" stroke-width="1.6" />
      <path d="M11.4 1.2v4H7.4z" fill="currentColor" />
    </>
  ),
  failed: <path d="M6 .6 11.4 6 6 11.4.6 6z" fill="currentColor" />,
  blocked: (
    <path
      fill-rule="evenodd"
      fill="currentColor"
      d="M3.7.6h4.6l3.1 3.1v4.6l-3.1 3.1H3.7L.6 8.3V3.7zM3 5.2v1.6h6V5.2z"
    />
  ),
  modified: <path d="M6 1.2 11.5 10.8H.5z" fill="currentColor" />,
  idle: <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" stroke-width="1.4" />,
  passed: <path d="m1.8 6.4 2.8 2.8L10.2 3" fill="none" stroke="currentColor" stroke-width="1.7" />,
  timedOut: <path d="M2.2 1h7.6v1.6L7.2 6l2.6 3.4V11H2.2V9.4L4.8 6 2.2 2.6z" fill="currentColor" />,
  cross: <path d="m2.2 2.2 7.6 7.6m0-7.6L2.2 9.8" fill="none" stroke="currentColor" stroke-width="1.9" />,
};

export interface ShapeProps {
  readonly of: keyof typeof drawings;
  /** In pixels; default 12. */
  readonly size?: number;
}

/** The shape of a meaning. The words beside it say the same, so that it is not read out. */
export function Shape({ of, size = 12 }: ShapeProps) {
  return (
    <svg class={`shape is-${of}`} viewBox="0 0 12 12" width={size} height={size} aria-hidden="true">
      {drawings[of]}
    </svg>
  );
}
