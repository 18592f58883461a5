import { pluginModeNames } from '../plugin-config.js';
import { type Path, type Report, warningAt } from '../problem.js';
import { asList, asRecord, type Written } from '../written.js';
import { isRecord } from '../../json/records.js';
import { modeTraits } from './mode-traits.js';

/**
 * Warns of settings that other implementations of the framework act on and this one does not. Silent where the value
 * asks for what happens here anyway.
 */
export function reportForeignSettings(config: Written, report: Report): void {
  asList(config.plugins).forEach((plugin, index) => {
    if (isRecord(plugin)) reportForeignPluginKeys(plugin, ['plugins', index], report);
  });
  const settings = asRecord(config.plugin_settings);
  if (settings.parallel_execution_within_band === true) {
    report(
      warningAt(
        ['plugin_settings', 'parallel_execution_within_band'],
        'has no effect; plugins of equal priority run in the order they are listed',
      ),
    );
  }
  if (isSet(settings.execution_pool)) {
    report(warningAt(['plugin_settings', 'execution_pool'], 'has no effect; background plugins are not pooled'));
  }
}

const defaultContentSize = 10_000_000;

function reportForeignPluginKeys(plugin: Written, path: Path, report: Report): void {
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

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}
