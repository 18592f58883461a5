import { errorAt, warningAt } from '../../config/problem.js';
import { suggestionFor } from '../../config/suggestion.js';
import { asRecord, type Written } from '../../config/written.js';
import { isRecord } from '../../json/records.js';
import type { EntryContext } from './entry-context.js';
import { takenKeys } from './entry-schema.js';
import { asksForNothing, ignoredKeys, refusedKeys } from './key-rules.js';

/** Keys that nothing reads, are no help here, or would have guarded something. */
export function checkKeys(entry: Written, { path, strict, report }: EntryContext): void {
  for (const [key, value] of Object.entries(entry)) {
    if (takenKeys.includes(key)) continue;
    const at = [...path, key];
    if (Object.hasOwn(refusedKeys, key)) {
      // A login is made where a server asks for one, and that is all that this says.
      if (asksForNothing(value) || (key === 'auth' && value === 'oauth')) continue;
      report(errorAt(at, refusedKeys[key] ?? '', 'key'));
    } else if (Object.hasOwn(ignoredKeys, key)) {
      if (!asksForNothing(value)) report(warningAt(at, `has no effect: ${ignoredKeys[key]}`));
    } else {
      const meant = suggestionFor(key, takenKeys);
      const hint = meant === undefined ? 'nothing reads it' : `did you mean \`${meant}\`?`;
      report({ ...warningAt(at, `unknown key; ${hint}`), severity: strict ? 'error' : 'warning' });
    }
  }
  for (const [name, value] of Object.entries(asRecord(entry['tools']))) {
    if (name === 'allow' || name === 'deny' || !isRecord(value)) continue;
    const message = 'tools are not renamed or described anew here; expected `allow` or `deny` with a list of patterns';
    report(errorAt([...path, 'tools', name], message, 'key'));
  }
}
