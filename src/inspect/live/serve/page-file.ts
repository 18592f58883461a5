import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { GatechartError, messageOf } from '../../../errors.js';

/** The page of the inspector, and what it may do. */
export interface InspectorPage {
  readonly html: Buffer;
  /** Its content security policy. */
  readonly policy: string;
}

const hash = z.string().regex(/^sha256-[\w+/]{43}=$/);
const hashesSchema = z.object({ script: hash, style: hash });

/** This file runs from `src` and from `dist/src`; the page is in the latter only. */
const folders = ['../page/', '../../../../dist/src/inspect/live/page/'].map(
  (folder) => new URL(folder, import.meta.url),
);

/**
 * Reads the page that the build has made.
 *
 * @throws GatechartError SERVER_START_FAILED where there is none
 */
export async function readInspectorPage(): Promise<InspectorPage> {
  const folder = folders.find((one) => existsSync(new URL('page.html', one)));
  if (folder === undefined)
    throw unusable(`there is no page.html in ${folders.map((one) => fileURLToPath(one)).join(' or ')}`);
  try {
    const html = await readFile(new URL('page.html', folder));
    const written: unknown = JSON.parse(await readFile(new URL('page.json', folder), 'utf8'));
    return { html, policy: policyOf(hashesSchema.parse(written)) };
  } catch (error) {
    throw unusable(messageOf(error), error);
  }
}

/** Nothing but the script and the style of the page, whose bytes it names, and requests to where it came from. */
function policyOf({ script, style }: z.infer<typeof hashesSchema>): string {
  return [
    "default-src 'none'",
    `script-src '${script}'`,
    `style-src '${style}'`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

function unusable(reason: string, cause?: unknown): GatechartError {
  const message = `The page of the inspector cannot be read: ${reason}. It is made by \`npm run build\`.`;
  return new GatechartError('SERVER_START_FAILED', message, { cause });
}
