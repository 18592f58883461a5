import { useEffect, useRef } from 'preact/hooks';
import { Card } from '../parts/card.js';
import { counted } from '../parts/time-format.js';
import type { MachineRow } from './machine-rows.js';

export interface TransitionTableProps {
  readonly rows: readonly MachineRow[];
  /** The one whose arrow is pointed at. */
  readonly lit: MachineRow | undefined;
  readonly onLight: (place: number | undefined) => void;
  /** Somebody points at a state: its path, or undefined. */
  readonly onState: (path: string | undefined) => void;
}

/** Every transition: where, what has to happen, on what condition, what is done, and where it leads. */
export function TransitionTable({ rows, lit, onLight, onState }: TransitionTableProps) {
  const body = useRef<HTMLTableSectionElement>(null);
  // An arrow that is pointed at brings its row into sight; a row that is pointed at is in sight.
  useEffect(() => {
    const row = body.current?.querySelector('.is-lit');
    if (row != null && !row.matches(':hover') && !row.contains(document.activeElement)) {
      row.scrollIntoView({ block: 'nearest' });
    }
  }, [lit]);
  return (
    <Card title="Transitions" note={counted(rows.length, 'transition')} class="transitions">
      <div class="transition-box" tabIndex={0} role="group" aria-label="All transitions">
        <table>
          <caption class="unseen">All transitions of the machine</caption>
          <thead>
            <tr>
              <th scope="col">in</th>
              <th scope="col">event / what is done</th>
              <th scope="col">if</th>
              <th scope="col">goes to</th>
            </tr>
          </thead>
          <tbody ref={body}>
            {rows.map((row, index) => (
              <tr
                key={row.place}
                class={row === lit ? 'is-lit' : ''}
                tabIndex={-1}
                onPointerEnter={() => onLight(row.place)}
                onPointerLeave={() => onLight(undefined)}
                onFocusIn={() => onLight(row.place)}
                onFocusOut={() => onLight(undefined)}
              >
                <td class={`cut${row.source === rows[index - 1]?.source ? ' is-repeated' : ''}`}>
                  {row.source === '' ? (
                    <i>any state</i>
                  ) : (
                    <button
                      type="button"
                      class="state-link"
                      onPointerEnter={() => onState(row.source)}
                      onPointerLeave={() => onState(undefined)}
                      onFocus={() => onState(row.source)}
                      onBlur={() => onState(undefined)}
                    >
                      {row.source}
                    </button>
                  )}
                </td>
                <td class="cut">
                  <code title={row.does.join(', ')}>
                    {row.event}
                    {row.does.length > 0 && <span class="faint"> / {row.does.join(', ')}</span>}
                  </code>
                </td>
                <td class="guard cut">{row.guard !== undefined && <code>{row.guard}</code>}</td>
                <td class="cut">
                  {row.targets.length === 0 ? <span class="faint">stays</span> : row.targets.join(', ')}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
