import type { ChainRow } from './chain-layout.js';

/** One plugin's time, with its words beside it. */
export function ChainBar({ row: { bar, open, label, text, room, gap, look } }: { readonly row: ChainRow }) {
  if (bar === undefined) {
    return (
      <span class="step-reason cut" title={text} style={{ maxWidth: `${room}px` }}>
        {text}
      </span>
    );
  }
  const isInside = label?.inside === true;
  return (
    <>
      {gap !== undefined && (
        <i class="chain-gap" title={gap.text} style={{ left: `${gap.x}px`, width: `${gap.width}px` }} />
      )}
      <i
        class={`chain-bar look-${look}${open ? ' is-open' : ''}${isInside ? ' has-label' : ''}`}
        title={text}
        style={{ left: `${bar.x}px`, width: `${bar.width}px` }}
      />
      {label !== undefined && (
        <span class={`bar-label${isInside ? ' is-inside' : ''}`} style={{ left: `${label.x}px` }} aria-hidden="true">
          {label.text}
        </span>
      )}
      <span class="step-text">{text}</span>
    </>
  );
}
