import { z } from 'zod';
import { warningAt } from '../problem.js';
import { asList, type Written } from '../written.js';
import { flag, integer, oneOf, texts } from './field-schemas.js';
import { modeTraits, pluginModeNames } from './plugin-modes.js';
import type { RuleContext } from './rule-context.js';

// Settings that ContextForge and cpex act on and this does not. They may be written, so that one file serves all; what
// they do not do here is warned of, except where the value asks for what happens here anyway.

/** Those of an entry. */
export const foreignPluginFields = {
  on_error: oneOf('fail', 'ignore', 'disable').nullish(),
  capabilities: texts,
  max_content_size: integer(0).nullish(),
};

const defaultContentSize = 10_000_000;

export function checkForeignPluginKeys(plugin: Written, { path, report }: RuleContext): void {
  const { on_error, capabilities, max_content_size, mode } = plugin;
  const known = pluginModeNames.find((name) => name === mode);
  const carriesOn = known !== undefined && modeTraits[known].carriesOn;
  if (on_error === 'ignore' && !carriesOn) {
    report(
      warningAt([...path, 'on_error'], 'has no effect; use `mode: enforce_ignore_error` to carry on after errors'),
    );
  } else if (on_error === 'disable') {
    report(warningAt([...path, 'on_error'], 'has no effect; plugins are not disabled after errors'));
  } else if (on_error === 'fail' && carriesOn) {
    report(warningAt([...path, 'on_error'], `has no effect; \`mode: ${known}\` carries on after errors`));
  }
  if (asList(capabilities).length > 0) {
    report(warningAt([...path, 'capabilities'], 'has no effect; plugins get no extensions they would be needed for'));
  }
  if (isSet(max_content_size) && max_content_size !== defaultContentSize) {
    report(warningAt([...path, 'max_content_size'], 'has no effect; use `plugin_settings.max_payload_size`'));
  }
}

/** As they were written. Their defaults are not ours to state: a host derives `on_error` from the mode without it. */
export function describeForeignPluginKeys(written: Written): Record<string, unknown> {
  const keys = Object.keys(foreignPluginFields).filter((key) => key in written);
  return Object.fromEntries(keys.map((key) => [key, written[key]]));
}

/** Those of `plugin_settings`. */
export const foreignSettingsFields = {
  parallel_execution_within_band: flag.optional(),
  enable_plugin_api: flag.optional(),
  plugin_health_check_interval: z.unknown().optional(),
  include_user_info: flag.optional(),
  execution_pool: z.unknown().optional(),
};

export function checkForeignSettings(settings: Written, { path, report }: RuleContext): void {
  if (settings['parallel_execution_within_band'] === true) {
    const message = 'has no effect; plugins of equal priority run in the order they are listed';
    report(warningAt([...path, 'parallel_execution_within_band'], message));
  }
  if (isSet(settings['execution_pool'])) {
    report(warningAt([...path, 'execution_pool'], 'has no effect; background plugins are not pooled'));
  }
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}
