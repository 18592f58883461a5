import { type ConfigIssue, formatIssue } from '../../config/config-issue.js';
import { messageOf } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';
import { readRules, type ReadRules } from '../rules/read-rules.js';
import type { Rules } from '../rules/rules.js';
import type { RulesInput } from '../rules/rules-input.js';
import { ReloadRecord } from './reload-record.js';

/** Where rules come from: a file, or data. */
export type RulesSource = string | URL | RulesInput;

export interface RulesInForceDependencies {
  /** Undefined: there are no rules, and everybody may use everything. */
  readonly source: RulesSource | undefined;
  readonly strict: boolean;
  /** Names of the servers that are configured. */
  readonly servers: () => readonly string[];
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Told when other rules are in force. */
  readonly changed: () => void;
}

/** The rules that decide. Others are put in their place in one step; rules that cannot be used change nothing. */
export class RulesInForce {
  readonly record: ReloadRecord;
  readonly #dependencies: RulesInForceDependencies;
  #source: RulesSource | undefined;
  #read: ReadRules | undefined;

  /** @throws ConfigError CONFIG_UNREADABLE, CONFIG_INVALID */
  constructor(dependencies: RulesInForceDependencies) {
    this.#dependencies = dependencies;
    this.record = new ReloadRecord(dependencies.now);
    this.#source = dependencies.source;
    if (this.#source !== undefined) this.#take(this.#source);
  }

  get rules(): Rules | undefined {
    return this.#read?.rules;
  }

  /** What in the rules does less or more than it seems to. */
  get warnings(): readonly string[] {
    const unconfigured = this.#read?.unconfigured(this.#dependencies.servers()) ?? [];
    return [...(this.#read?.issues ?? []), ...unconfigured].map(formatIssue);
  }

  /**
   * Puts other rules in force, or the same file as it is now.
   *
   * @throws ConfigError CONFIG_UNREADABLE, CONFIG_INVALID; the old rules stay in force then
   */
  reload(source: RulesSource | undefined = this.#source): void {
    if (source === undefined) return;
    this.#take(source);
    this.#source = source;
    this.#dependencies.changed();
  }

  #take(source: RulesSource): void {
    const { strict, logger } = this.#dependencies;
    try {
      this.#read = readRules(source, { strict });
    } catch (error) {
      this.record.failed(messageOf(error));
      throw error;
    }
    this.record.succeeded();
    for (const issue of this.#warningIssues()) logger.warn({ rules: issue.path }, formatIssue(issue));
  }

  #warningIssues(): readonly ConfigIssue[] {
    return [...(this.#read?.issues ?? []), ...(this.#read?.unconfigured(this.#dependencies.servers()) ?? [])];
  }
}
