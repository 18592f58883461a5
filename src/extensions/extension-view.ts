import { valueAt } from '../json/paths.js';
import type { ExtensionAccess } from './extension-access.js';
import { withPart } from './extension-parts.js';
import type { Extensions } from './extensions.js';

const views = new WeakMap<Extensions, Map<ExtensionAccess, Extensions>>();

/**
 * What a plugin sees of the extensions: the parts that it may read, and of the others not even that they are there. Made
 * once for all plugins with the same access; the extensions themselves where nothing in them is hidden.
 *
 * @param extensions deeply frozen, as `readExtensions` and `mergeExtensions` give them
 */
export function viewOf(extensions: Extensions, access: ExtensionAccess): Extensions {
  let made = views.get(extensions);
  if (made === undefined) {
    made = new Map();
    views.set(extensions, made);
  }
  let view = made.get(access);
  if (view === undefined) {
    view = visiblePartsOf(extensions, access);
    made.set(access, view);
  }
  return view;
}

function visiblePartsOf(extensions: Extensions, { parts, hidden }: ExtensionAccess): Extensions {
  if (hidden.every(({ path }) => valueAt(extensions, path) === undefined)) return extensions;
  let view: Extensions = Object.freeze({});
  for (const { path, mayRead } of parts) {
    if (!mayRead) continue;
    const value = valueAt(extensions, path);
    if (value !== undefined) view = withPart(view, path, value);
  }
  return view;
}
