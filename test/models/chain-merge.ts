import { modified, type Plain, violationOf } from './chain-acts.js';
import type { Answer, Scenario } from './chain-scenario.js';
import { hasName, isRecord, type Turn } from './chain-step.js';

/** What has come of a chain so far. */
export class Merged {
  metadata: Plain = {};
  httpHeaders: Plain | undefined;
  retryDelayMs = 0;
  violation: Plain | undefined;
  #result: unknown;
  #decidedBy: string | undefined;
  #blockedBy: string | undefined;

  /** @param payload what the next plugin is given */
  constructor(
    readonly scenario: Pick<Scenario, 'hook' | 'policy'>,
    public payload: unknown,
  ) {}

  /** Takes what a plugin answered, as far as its mode lets it. */
  take(turn: Turn, answer: Answer, blocks: boolean): void {
    const { name } = turn.step;
    const { hook } = this.scenario;
    this.metadata = { ...this.metadata, ...metadataOf(answer.metadata, name, turn.notes) };
    if (answer.header !== undefined)
      this.httpHeaders = { ...this.httpHeaders, 'x-answer': `${answer.header}`, [name]: 'yes' };
    this.retryDelayMs = Math.max(this.retryDelayMs, answer.retryDelayMs ?? 0);
    this.#takeModification(turn, modified(answer.modification, turn.payload), blocks);
    if (!blocks) return;
    this.violation = answer.violation ? violationOf(name, 0) : unstatedOf(name);
    if (hook === 'http_auth_check_permission') {
      this.#blockedBy = name;
      // An earlier grant must not outlive a block.
      if (!isDenial(this.#result)) this.#result = undefined;
    }
    if (turn.step.standing.may('echo') && hook === 'tool_pre_invoke' && this.scenario.policy === 'allow')
      this.#result = turn.payload;
  }

  #takeModification({ step, payload: given }: Turn, wanted: unknown, blocks: boolean): void {
    const { hook, policy } = this.scenario;
    const { may } = step.standing;
    if (!isRecord(wanted)) return;
    // Who may block may deny, also where nothing else of it is taken.
    const denies = hook === 'http_auth_check_permission' && isDenial(wanted);
    const mayModify = may('modify') && policy !== 'deny' && (!blocks || may('keep'));
    if (!mayModify && !(denies && may('block'))) return;
    switch (hook) {
      case 'tool_pre_invoke': {
        const next = hasName(wanted) && 'other' in wanted ? undefined : allowed(given as Plain, wanted, policy);
        if (next !== undefined) [this.payload, this.#result] = [next, next];
        return;
      }
      case 'http_auth_check_permission':
        if (typeof wanted['granted'] === 'boolean' && !isDenial(this.#result))
          [this.#result, this.#decidedBy] = [wanted, step.name];
        return;
      case 'http_auth_resolve_user':
        this.#result = wanted;
        return;
      case 'http_pre_request': {
        if (!Object.values(wanted).every((header) => typeof header === 'string')) return;
        this.#result = { ...(this.#result as Plain | undefined), ...wanted };
        const request = given as Plain;
        this.payload = { ...request, headers: { ...(request['headers'] as Plain), ...(this.#result as Plain) } };
      }
    }
  }

  outcome(stopped: boolean): Plain {
    // A block decides, wherever its plugin stands among those that ran side by side.
    const decidedBy = this.#blockedBy ?? this.#decidedBy;
    return {
      continueProcessing: !stopped,
      decision: stopped ? 'deny' : 'allow',
      modifiedPayload: this.#result,
      violation: this.violation,
      metadata: decidedBy === undefined ? this.metadata : { ...this.metadata, _decision_plugin: decidedBy },
      httpHeaders: this.httpHeaders,
      // Whoever is told no is not told to come again.
      retryDelayMs: stopped ? 0 : this.retryDelayMs,
    };
  }
}

/** A payload of the hook is taken field by field; any other object whole, or not at all where a policy names fields. */
function allowed(given: Plain, wanted: Plain, policy: Scenario['policy']): Plain | undefined {
  if (typeof policy === 'string') return wanted;
  if (!hasName(wanted)) return undefined;
  const fields = [...new Set([...Object.keys(given), ...Object.keys(wanted)])];
  const changed = fields.filter(
    (field) => policy.includes(field) && JSON.stringify(given[field]) !== JSON.stringify(wanted[field]),
  );
  if (changed.length === 0) return undefined;
  return Object.fromEntries(
    fields
      .map((field) => [field, changed.includes(field) ? wanted[field] : given[field]])
      .filter(([, value]) => value !== undefined),
  );
}

function metadataOf(kind: Answer['metadata'], name: string, notes: Plain): Plain {
  switch (kind) {
    case 'none':
      return {};
    case 'own':
      return { last: { name }, [name]: true };
    case 'decision':
      return { last: { name } };
    case 'draft':
      return { notes: structuredClone(notes['shared']) };
  }
}

function isDenial(result: unknown): boolean {
  return isRecord(result) && result['granted'] === false;
}

/** What a chain says for a plugin that blocks and does not say why. */
function unstatedOf(pluginName: string): Plain {
  const [reason, description] = ['No reason given', 'The plugin blocked without a violation'];
  return { reason, description, code: 'NO_REASON_GIVEN', pluginName };
}
