import { errorCodes } from '../../src/errors.js';
import { type GeneratedFile, generatedNotice } from './generated-file.js';

/** One heading per error code. */
export function generateErrors(): GeneratedFile[] {
  const sections = Object.entries(errorCodes).map(([code, when]) => `## ${code}\n\nThrown when ${when}.`);
  const intro =
    'Every error of this library is a `GatechartError`. Its `code` is one of these and stays what it is from version to version; its `message` says what was found and what to do; `cause` is what led to it, and `details` holds facts that are safe to log.';
  const content = [generatedNotice, '# Errors', intro, ...sections].join('\n\n');
  return [{ path: 'docs/reference/errors.md', content: `${content}\n` }];
}
