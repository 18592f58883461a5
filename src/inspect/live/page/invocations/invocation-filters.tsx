import { meaningOfOutcome } from '../parts/meaning.js';
import { type FilterOutcome, filterOutcomes, type InvocationFilter } from './invocation-filter.js';
import { StepMark } from './step-mark.js';
import { outcomeWords } from './step-meaning.js';

export interface InvocationFiltersProps {
  readonly filter: InvocationFilter;
  readonly hooks: readonly string[];
  readonly onChange: (filter: InvocationFilter) => void;
}

/** What of the list is shown: by outcome, and by hook. */
export function InvocationFilters({ filter, hooks, onChange }: InvocationFiltersProps) {
  const choose = (outcome: FilterOutcome | undefined) =>
    onChange({ ...filter, outcome: filter.outcome === outcome ? undefined : outcome });
  return (
    <>
      <div class="chips">
        {filterOutcomes.map((outcome) => (
          <button
            key={outcome}
            type="button"
            class={`chip is-${meaningOfOutcome(outcome)}`}
            aria-pressed={filter.outcome === outcome}
            onClick={() => choose(outcome)}
          >
            <StepMark look={outcome} /> {outcomeWords[outcome]}
          </button>
        ))}
      </div>
      <select
        class="chip"
        aria-label="hook"
        value={filter.hook ?? ''}
        onChange={({ currentTarget: { value } }) => onChange({ ...filter, hook: value === '' ? undefined : value })}
      >
        <option value="">all hooks</option>
        {hooks.map((hook) => (
          <option key={hook} value={hook}>
            {hook}
          </option>
        ))}
      </select>
    </>
  );
}
