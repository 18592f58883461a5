import type { ComponentChildren } from 'preact';

export interface CardProps {
  readonly title?: string;
  /** Beside the title, in smaller letters. */
  readonly note?: ComponentChildren;
  /** At the end of the head. */
  readonly actions?: ComponentChildren;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** What belongs together. */
export function Card({ title, note, actions, class: more = '', children }: CardProps) {
  return (
    <section class={`card ${more}`} {...(title !== undefined && { 'aria-label': title })}>
      {title !== undefined && (
        <header class="card-head">
          <h2>
            {title}
            {note !== undefined && <small>{note}</small>}
          </h2>
          {actions !== undefined && <div class="card-actions">{actions}</div>}
        </header>
      )}
      {children}
    </section>
  );
}
