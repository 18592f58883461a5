import { definePlugin } from '../../plugins/define-plugin.js';
import { missingPackage } from '../optional-package.js';
import { type TopLevelCheck, verdictOn } from './reputation.js';
import { settingsSchema } from './settings.js';

/** Blocks URLs by their domain, by patterns, and by what their domain looks like. */
export const urlReputation = definePlugin({
  config: settingsSchema,
  async initialize({ config }) {
    if (config.use_heuristic_check) await loadTopLevelCheck();
  },
  hooks: {
    async resource_pre_fetch({ uri }, { plugin: { config }, extensions }) {
      const hasTopLevel = config.use_heuristic_check ? await loadTopLevelCheck() : undefined;
      const verdict = verdictOn(uri, config, hasTopLevel);
      const counts = {
        total_checked: 1,
        total_blocked: verdict === undefined ? 0 : 1,
        reputation_categories: verdict === undefined ? [] : [verdict.category],
      };
      const metadata = (extensions?.request?.traceId ?? '') === '' ? {} : { url_reputation: counts };
      if (verdict === undefined) return { metadata };
      return { continueProcessing: false, violation: verdict.violation, metadata };
    },
  },
});

/** Asks the list of public suffixes, which is large: it is loaded where somebody wants it. */
async function loadTopLevelCheck(): Promise<TopLevelCheck> {
  const { parse } = await import('tldts').catch(missingPackage('tldts'));
  return (domain) => parse(domain, { validateHostname: false }).isIcann === true;
}
