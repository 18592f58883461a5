import type { InvocationDetail, StepDetail } from '../../feed/feed-invocations.js';
import { Card } from '../parts/card.js';
import { counted } from '../parts/time-format.js';
import { exactMs } from './duration-text.js';
import { StepMark } from './step-mark.js';
import { lookOf, stepWords } from './step-meaning.js';

/** Every plugin of the chain with all that is known of its execution. */
export function ExecutionsCard({ invocation: { steps } }: { readonly invocation: InvocationDetail }) {
  return (
    <Card title="Executions" note={counted(steps.length, 'plugin')} class="executions">
      <div class="wide-table" tabIndex={0} role="group" aria-label="Executions">
        <table>
          <caption class="unseen">Executions of the plugins</caption>
          <thead>
            <tr>
              <th scope="col">plugin</th>
              <th scope="col">outcome</th>
              <th scope="col" class="number">
                began
              </th>
              <th scope="col" class="number">
                took
              </th>
              <th scope="col" class="number">
                deadline
              </th>
              <th scope="col">mode</th>
              <th scope="col">configured in</th>
            </tr>
          </thead>
          <tbody>
            {steps.map((step) => (
              <Execution key={step.p} step={step} />
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

function Execution({ step }: { readonly step: StepDetail }) {
  const { p, version, mode, wire, status, t, ms, deadlineMs, source, why, error, outstanding } = step;
  const remark = [why, error?.message, outstanding].filter((text) => text !== undefined).join('; ');
  return (
    <tr>
      <th scope="row">
        {p} {version !== undefined && <span class="faint">{version}</span>}
      </th>
      <td>
        <span class={`state-name look-${lookOf(status)}`}>
          <StepMark look={lookOf(status)} />
          {stepWords[status]}
        </span>{' '}
        <small class="remark faint cut" title={remark}>
          {remark}
        </small>
      </td>
      <td class="number">{t === undefined ? '–' : exactMs(t)}</td>
      <td class="number">{ms === undefined ? '–' : exactMs(ms)}</td>
      <td class="number">{deadlineMs === undefined ? '–' : exactMs(deadlineMs)}</td>
      <td>
        {mode} {wire !== undefined && <span class="faint">over {wire}</span>}
      </td>
      <td>{source === undefined ? '–' : <code>{source}</code>}</td>
    </tr>
  );
}
