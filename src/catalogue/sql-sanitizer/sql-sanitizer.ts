import type { PluginResult, Violation } from '../../hooks/hook-result.js';
import { type DefinedPluginContext, definePlugin } from '../../plugins/define-plugin.js';
import { replaceTexts, ValueTooLargeError } from '../values/text-walk.js';
import { allowanceIssues } from './allowed-statements.js';
import { withoutComments } from './sql-comments.js';
import { type SqlConfig, sqlConfig } from './sql-config.js';
import { riskIssues } from './sql-issues.js';

const limits = { depth: 128, values: 1_000_000 };

/** Issues that a violation lists. */
const shownIssues = 100;

/** Takes comments out of SQL in arguments, and stops what is risky. It reads words, and knows no grammar. */
export const sqlSanitizer = definePlugin({
  config: sqlConfig,
  changesPayloads: ({ config }) => config.stripsComments,
  hooks: {
    prompt_pre_fetch: (payload, context) => sanitized(payload, 'prompt args', context),
    tool_pre_invoke: (payload, context) => sanitized(payload, 'tool args', context),
  },
});

function sanitized<Payload extends { readonly args?: unknown }>(
  payload: Payload,
  what: string,
  { plugin: { config } }: DefinedPluginContext<SqlConfig>,
): PluginResult<Payload> | undefined {
  const issues: string[] = [];
  let args: unknown;
  try {
    args = replaceTexts(
      payload.args,
      (text, path) => {
        const { fields } = config;
        if (fields !== undefined && !path.some((key) => typeof key === 'string' && fields.has(key))) return text;
        const { sql, executed } = withoutComments(text);
        const [passed, ...readings] = config.stripsComments ? [sql, executed, sql] : [text, text, sql];
        for (const issue of issuesOf(passed, readings, config)) issues.push(issue);
        return passed;
      },
      limits,
    );
  } catch (error) {
    if (!(error instanceof ValueTooLargeError)) throw error;
    return { continueProcessing: false, violation: tooLarge(what, error) };
  }
  if (issues.length > 0 && config.blocks) return { continueProcessing: false, violation: risky(what, issues) };
  const isSanitized = args !== payload.args;
  if (issues.length === 0 && !isSanitized) return undefined;
  return {
    ...(isSanitized && { modifiedPayload: { ...payload, args } }),
    metadata: {
      ...(isSanitized && { sql_sanitized: true }),
      ...(issues.length > 0 && { sql_issues: issues.slice(0, shownIssues) }),
    },
  };
}

/** The issues of what goes on to the database, under each reading: databases do not agree on which comments they execute. */
function issuesOf(passed: string, readings: readonly string[], { rules, allowed }: SqlConfig): readonly string[] {
  const [first = passed, ...others] = new Set(readings);
  const issues = [...riskIssues(first, rules)];
  const known = new Set(issues);
  for (const other of others) for (const issue of riskIssues(other, rules)) if (!known.has(issue)) issues.push(issue);
  return allowed === undefined ? issues : [...issues, ...allowanceIssues(passed, allowed)];
}

function risky(what: string, issues: readonly string[]): Violation {
  return {
    reason: 'Risky SQL detected',
    description: `Potentially dangerous SQL detected in ${what}`,
    code: 'SQL_SANITIZER',
    details: { issues: issues.slice(0, shownIssues) },
  };
}

function tooLarge(what: string, { message }: ValueTooLargeError): Violation {
  return {
    reason: 'Too large to be scanned for SQL',
    description: `The ${what} cannot be looked through: ${message}`,
    code: 'SQL_SANITIZER_INPUT_TOO_LARGE',
  };
}
