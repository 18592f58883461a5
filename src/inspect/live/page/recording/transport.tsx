import { useMemo } from 'preact/hooks';
import { count } from '../parts/time-format.js';
import { speeds } from './cursor.js';
import { guardChoices, nextChoices, stateChoices, type UntilChoice } from './until-conditions.js';
import type { OpenRecording } from './use-recording.js';

/** States in the list: those in which something is wrong come first. */
const mostStates = 40;

/** Play, step, the slider, the speed, and what it runs to. */
export function Transport({ recording }: { readonly recording: OpenRecording }) {
  const { seq, last, playing, speed } = recording;
  return (
    <div class="transport">
      <button
        type="button"
        class="play"
        aria-label={playing === undefined ? 'Play' : 'Pause'}
        onClick={recording.togglePlaying}
      >
        <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
          <path
            fill="currentColor"
            d={playing === undefined ? 'M3 1.2v9.6L11 6z' : 'M2.5 1.5h2.6v9H2.5zM7 1.5h2.6v9H7z'}
          />
        </svg>
      </button>
      <span class="steppers">
        <button type="button" class="button" aria-label="One event back" onClick={() => recording.by(-1)}>
          <Arrow d="M3 2v8M9.5 2 4.5 6l5 4z" />
        </button>
        <button type="button" class="button" aria-label="One event on" onClick={() => recording.by(1)}>
          <Arrow d="M9 2v8M2.5 2l5 4-5 4z" />
        </button>
      </span>
      <input
        type="range"
        min={0}
        max={last}
        step={1}
        value={seq}
        aria-label="event"
        aria-valuetext={seq === 0 ? 'before the first event' : `event ${count(seq)} of ${count(last)}`}
        onInput={({ currentTarget }) => recording.to(Number(currentTarget.value))}
      />
      <output class="mono">
        {count(seq)} / {count(last)}
      </output>
      <select
        class="choice"
        aria-label="speed"
        value={String(speed)}
        onChange={({ currentTarget }) => recording.setSpeed(Number(currentTarget.value))}
      >
        {speeds.map((one) => (
          <option key={one} value={String(one)}>
            {one}×
          </option>
        ))}
      </select>
      <UntilSelect recording={recording} />
    </div>
  );
}

function Arrow({ d }: { readonly d: string }) {
  return (
    <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
      <path d={d} fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round" />
    </svg>
  );
}

function UntilSelect({ recording }: { readonly recording: OpenRecording }) {
  const { facts, seq } = recording;
  const states = useMemo(() => stateChoices(facts, mostStates), [facts]);
  const seen = recording.around(200, 200).flatMap(({ guard }) => Object.keys(guard ?? {}));
  const groups: readonly (readonly [string, readonly UntilChoice[]])[] = [
    ['what comes next', nextChoices],
    ['a state', states],
    ['a guard', guardChoices(seen)],
  ];
  const all = groups.flatMap(([, choices]) => choices);
  return (
    <select
      class="choice until"
      aria-label={`run on from event ${seq} until`}
      value=""
      onChange={({ currentTarget }) => {
        const choice = all[Number(currentTarget.value)];
        currentTarget.value = '';
        if (choice !== undefined) recording.until(choice);
      }}
    >
      <option value="">run until…</option>
      {groups.map(([name, choices]) => (
        <optgroup key={name} label={name}>
          {choices.map((choice) => (
            <option key={choice.text} value={String(all.indexOf(choice))}>
              {choice.text}
            </option>
          ))}
        </optgroup>
      ))}
    </select>
  );
}
