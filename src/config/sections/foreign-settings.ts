import { z } from 'zod';
import { warningAt } from '../problem.js';
import type { Written } from '../written.js';
import { flag } from './field-schemas.js';
import type { RuleContext } from './rule-context.js';

// Settings of `plugin_settings` that ContextForge acts on and this does not. They may be written, so that one file serves
// all; what they do not do here is warned of, except where the value asks for what happens here anyway.

export const foreignSettingsFields = {
  parallel_execution_within_band: flag.optional(),
  enable_plugin_api: flag.optional(),
  plugin_health_check_interval: z.unknown().optional(),
  include_user_info: flag.optional(),
};

export function checkForeignSettings(settings: Written, { path, report }: RuleContext): void {
  if (flag.safeParse(settings['parallel_execution_within_band']).data === true) {
    const message =
      'has no effect; plugins of equal priority run in the order they are listed, and those of `mode: concurrent` at once';
    report(warningAt([...path, 'parallel_execution_within_band'], message));
  }
  if (flag.safeParse(settings['include_user_info']).data === true) {
    const message = 'has no effect; plugins are told of a user what the caller puts into the context';
    report(warningAt([...path, 'include_user_info'], message));
  }
}
