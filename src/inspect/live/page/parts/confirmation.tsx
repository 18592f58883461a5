import { useEffect, useRef } from 'preact/hooks';

/** What a person is asked before something is done. */
export interface Question {
  readonly title: string;
  /** What comes of it, in one sentence. */
  readonly consequence: string;
  /** The word on the button: `Close`. */
  readonly action: string;
  /** Whether something is taken away: the focus then begins on Cancel. */
  readonly grave?: boolean;
}

export interface ConfirmationProps {
  readonly question: Question;
  readonly onAnswer: (yes: boolean) => void;
}

/** Asks it, in front of everything else. */
export function Confirmation({ question, onAnswer }: ConfirmationProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const cancel = useRef<HTMLButtonElement>(null);
  const proceed = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
    (question.grave === true ? cancel : proceed).current?.focus();
  }, [question]);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby="question"
      aria-describedby="consequence"
      onCancel={() => onAnswer(false)}
    >
      <h2 id="question">{question.title}</h2>
      <p id="consequence">{question.consequence}</p>
      <div class="dialog-buttons">
        <button ref={cancel} type="button" class="button" onClick={() => onAnswer(false)}>
          Cancel
        </button>
        <button
          ref={proceed}
          type="button"
          class={question.grave === true ? 'button is-grave' : 'button is-main'}
          onClick={() => onAnswer(true)}
        >
          {question.action}
        </button>
      </div>
    </dialog>
  );
}
