import { variableText } from '../../config/environment/variable-text.js';
import { excerpt } from '../../json/excerpt.js';
import type { SmallFiles } from './small-files.js';

/** Where the values of variables come from. */
export interface VariableValues {
  readonly env: NodeJS.ProcessEnv;
  /** What `${workspaceFolder}` stands for. */
  readonly workspaceFolder: string;
  /** What `${userHome}` stands for. */
  readonly home: string;
  readonly files: SmallFiles;
}

/** Characters that all variables of a file together may put in. */
const mostFilledIn = 4_194_304;

/** The forms that can be read, for messages. */
const forms = '${NAME}, ${NAME:-default}, ${env:NAME}, ${file:PATH}, ${workspaceFolder} or ${userHome}';

/** Fills in the variables of texts. No value is ever part of a message. */
export class Variables {
  readonly #values: VariableValues;
  #left = mostFilledIn;

  constructor(values: VariableValues) {
    this.#values = values;
  }

  /**
   * A text with its variables filled in. What a variable holds is not looked at again. `$NAME` stays as it is.
   *
   * @param report given the reason for each variable that cannot be filled in
   */
  fill(text: string, report: (message: string) => void): string {
    if (!text.includes('${')) return text;
    let filled = '';
    let from = 0;
    for (let start = text.indexOf('${'); start !== -1; start = text.indexOf('${', from)) {
      const end = text.indexOf('}', start);
      if (end === -1) {
        report(`a variable begins with \`\${\` and has no \`}\`; expected ${forms}`);
        return text;
      }
      filled += text.slice(from, start) + this.#valueOf(text.slice(start + 2, end), report);
      from = end + 1;
    }
    return filled + text.slice(from);
  }

  #valueOf(body: string, report: (message: string) => void): string {
    const found = this.#lookUp(body);
    if ('problem' in found) report(found.problem);
    const value = 'text' in found ? found.text : '';
    this.#left -= value.length;
    if (this.#left >= 0) return value;
    report(`the variables of this file hold more than ${mostFilledIn} characters`);
    return '';
  }

  #lookUp(body: string): { readonly text: string } | { readonly problem: string } {
    const { workspaceFolder, home } = this.#values;
    if (body === 'workspaceFolder') return { text: workspaceFolder };
    if (body === 'userHome') return { text: home };
    const shown = excerpt(body, longestShown);
    if (body.includes('${')) return { problem: 'a variable stands inside another; only plain text can' };
    const [, kind, rest = ''] = /^(\w+):(?!-)(.*)$/s.exec(body) ?? [];
    if (kind === 'file') return this.#fileText(rest);
    if (kind === 'input') {
      const problem = `nobody is asked for \${${shown}} here; set an environment variable and write \${NAME}`;
      return { problem };
    }
    if (kind !== undefined && kind !== 'env') {
      return { problem: `\${${excerpt(kind, longestShown)}:…} is not known; expected ${forms}` };
    }
    return this.#variable(kind === 'env' ? rest : body);
  }

  #variable(body: string): { readonly text: string } | { readonly problem: string } {
    const [, name = '', fallback] = /^(.*?)(?::-(.*))?$/s.exec(body) ?? [];
    if (!/^[^\s:"'`$]+$/.test(name)) return { problem: `expected the name of a variable in \`\${}\`, like ${forms}` };
    const { env } = this.#values;
    const value = variableText(env[name]);
    if (value !== undefined) return { text: value };
    if (fallback !== undefined) return { text: fallback };
    const shown = excerpt(name, longestShown);
    return {
      problem: `the variable ${shown} is not set; set it, or write what holds without it: \${${shown}:-default}`,
    };
  }

  #fileText(path: string): { readonly text: string } | { readonly problem: string } {
    if (path.trim() === '') return { problem: 'expected the path of a file after `file:`' };
    const read = this.#values.files.read(path);
    if ('text' in read) return { text: read.text.replace(/\r?\n$/, '') };
    return { problem: `the file ${excerpt(path, longestShown)} cannot be read: ${read.problem}` };
  }
}

const longestShown = 100;
