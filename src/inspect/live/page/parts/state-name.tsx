import { type Meaning, meaningOf, splitState } from './meaning.js';
import { Shape } from './shape.js';

export interface StateNameProps {
  readonly at: string;
  /** Where the state alone does not say it. */
  readonly meaning?: Meaning;
}

/** A state as rows show it: its shape, its name in its colour, and what is nested in it. */
export function StateName({ at, meaning = meaningOf(at) }: StateNameProps) {
  const [head, rest] = splitState(at);
  return (
    <span class="state-name">
      <Shape of={meaning} />
      <span class={`is-${meaning}`}>{head}</span>
      {rest !== '' && <span class="faint">{rest}</span>}
    </span>
  );
}

export interface BadgeProps extends StateNameProps {
  /** Instead of the name of the state. */
  readonly text?: string;
}

/** A state in headings. */
export function StateBadge({ at, meaning = meaningOf(at), text }: BadgeProps) {
  return (
    <span class={`badge is-${meaning}`}>
      <Shape of={meaning} size={10} />
      {text ?? at.replaceAll('.', ' › ')}
    </span>
  );
}
