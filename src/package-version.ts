import { ownRequire } from './lazy-package.js';

/** The version of this package, as its package.json says; `unknown` where it was bundled into a program without that. */
export const packageVersion = versionOf(readManifest());

function readManifest(): unknown {
  try {
    return ownRequire()('gatechart/package.json');
  } catch {
    return undefined;
  }
}

function versionOf(manifest: unknown): string {
  if (typeof manifest !== 'object' || manifest === null || !('version' in manifest)) return 'unknown';
  return typeof manifest.version === 'string' ? manifest.version : 'unknown';
}
