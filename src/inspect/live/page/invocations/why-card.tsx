import type { InvocationDetail } from '../../feed/feed-invocations.js';
import { meaningOfOutcome } from '../parts/meaning.js';
import { StepMark } from './step-mark.js';
import { lookOf } from './step-meaning.js';
import { type FactLine, whyOf } from './why-facts.js';

/** Who decided, why, on what, and what the agent was told. */
export function WhyCard({ invocation }: { readonly invocation: InvocationDetail }) {
  const { look, title, code, facts } = whyOf(invocation);
  return (
    <section class={`card why outline-${meaningOfOutcome(invocation.outcome)}`} aria-label="Why">
      <header class="card-head">
        <h2 class={`look-${look}`}>
          <StepMark look={look} /> {title}
        </h2>
        {code !== undefined && <code class="card-actions dim">{code}</code>}
      </header>
      <dl class="why-facts">
        {facts.map(({ term, lines }) => (
          <div key={term}>
            <dt>{term}</dt>
            {lines.map((line, index) => (
              <dd key={index}>
                <FactText line={line} />
              </dd>
            ))}
          </div>
        ))}
      </dl>
    </section>
  );
}

function FactText({ line: { text, note, look, isCode } }: { readonly line: FactLine }) {
  return (
    <>
      {look !== undefined && (
        <>
          <StepMark look={lookOf(look)} />{' '}
        </>
      )}
      {isCode === true ? <code>{text}</code> : text}
      {note !== undefined && <span class="faint"> {note}</span>}
    </>
  );
}
