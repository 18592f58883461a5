import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { GatechartError, messageOf } from '../../../errors.js';
import { packageRoot } from '../../charts/package-root.js';

/** The page of the inspector, and what it may do. */
export interface InspectorPage {
  readonly html: Buffer;
  /** Its content security policy. */
  readonly policy: string;
}

const hash = z.string().regex(/^sha256-[\w+/]{43}=$/);
const hashesSchema = z.object({ script: hash, style: hash });

/** Where the build puts the page. */
const inPackage = 'dist/src/inspect/live/page/';

/**
 * Reads the page that the build has made.
 *
 * @throws GatechartError SERVER_START_FAILED where there is none
 */
export async function readInspectorPage(): Promise<InspectorPage> {
  const folder = path.join(packageRoot(), inPackage);
  if (!existsSync(path.join(folder, 'page.html'))) throw unusable(`there is no page.html in ${folder}`);
  try {
    const html = await readFile(path.join(folder, 'page.html'));
    const written: unknown = JSON.parse(await readFile(path.join(folder, 'page.json'), 'utf8'));
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
