import { dirname, isAbsolute } from 'node:path';
import { errorAt, type Path, type Report, warningAt } from '../problem.js';
import { isDirectory, isOpenToAll } from '../source/file-kinds.js';
import { expandHome } from '../source/path-base.js';
import { isGiven, type Written } from '../written.js';
import type { RuleContext } from './rule-context.js';

/** The rules of a section's `uds`: a socket path, and that TLS is not asked for on one. */
export function checkUds(section: Written, { path, report }: Pick<RuleContext, 'path' | 'report'>): void {
  if (isGiven(section['tls'])) {
    report(errorAt([...path, 'tls'], 'a Unix socket takes no `tls`; remove `tls` or `uds`', 'key'));
  }
  checkSocketPath(section['uds'], [...path, 'uds'], report);
}

function checkSocketPath(value: unknown, path: Path, report: Report): void {
  if (typeof value !== 'string' || value === '') return;
  const expanded = expandHome(value);
  const folder = dirname(expanded);
  if (!isAbsolute(expanded)) {
    report(errorAt(path, (found) => `expected an absolute path, found ${found}`));
  } else if (!isDirectory(folder)) {
    report(errorAt(path, (found) => `expected a path in a directory that exists, found ${found}`));
  } else if (isOpenToAll(folder)) {
    report(
      warningAt(
        path,
        'everyone may write to the directory of this socket and could replace it; use a directory of mode 0700',
      ),
    );
  }
}
