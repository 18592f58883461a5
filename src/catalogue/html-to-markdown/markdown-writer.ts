/** What has to stand between what was written and what comes next; the more of two counts. */
const gaps = ['', 'space', 'break', 'line', 'block'] as const;
type Gap = (typeof gaps)[number];

/** What begins the lines inside of a quotation or an item of a list. */
interface Container {
  /** Of the first line, until that is written. */
  first: string | undefined;
  readonly others: string;
}

/** So many levels of quotations and lists begin lines: each makes every line longer. */
const mostContainers = 8;

/** Writes Markdown from its beginning to its end, and goes back nowhere. */
export class MarkdownWriter {
  readonly #written: string[] = [];
  readonly #containers: Container[] = [];
  /** Marks that begin before the next text, and those that have begun. */
  readonly #pending: string[] = [];
  readonly #begun: string[] = [];
  #gap: Gap = '';
  #isFirst = true;
  /** What begins each line that is no first one of a container. */
  #prefix = '';
  /** Whether some container has not written its first line. */
  #hasFirst = false;
  /** Levels of what stands in one line: headings and links. */
  #inLine = 0;

  /** Whether what is written next begins a line. */
  get isFirst(): boolean {
    return this.#isFirst || gaps.indexOf(this.#gap) > gaps.indexOf('space');
  }

  separate(gap: Gap): void {
    const isSecond = gap === 'break' && this.#gap === 'break';
    const wanted = this.#inLine > 0 ? 'space' : isSecond ? 'block' : gap;
    if (gaps.indexOf(wanted) > gaps.indexOf(this.#gap)) this.#gap = wanted;
  }

  /** Writes a text of one line. */
  write(text: string): void {
    this.#fillGap();
    this.#written.push(...this.#pending, text);
    this.#begun.push(...this.#pending.splice(0));
    this.#isFirst = false;
  }

  /** Writes lines as they are, in no mark. */
  writeLines(lines: readonly string[]): void {
    this.separate('block');
    if (this.#inLine > 0) {
      this.write(lines.join(' '));
    } else {
      this.#fillGap();
      this.#written.push(lines.join(`\n${this.#prefix}`));
      this.#isFirst = false;
    }
    this.separate('block');
  }

  /** Begins a mark like `**`, before the next text. */
  begin(mark: string): void {
    this.#pending.push(mark);
  }

  /** Ends the last mark. Nothing is written of one without a text. @returns whether it had one */
  end(mark: string): boolean {
    if (this.#pending.pop() !== undefined) return false;
    this.#begun.pop();
    this.#written.push(mark);
    return true;
  }

  /** What is written from now on stays in one line. */
  openLine(): void {
    this.#inLine++;
  }

  closeLine(): void {
    this.#inLine--;
  }

  openContainer(first: string, others: string): void {
    const isDeep = this.#containers.length >= mostContainers;
    this.#containers.push(isDeep ? { first: undefined, others: '' } : { first, others });
    this.#hasFirst ||= !isDeep;
    this.#prefix = this.#containers.map((container) => container.others).join('');
  }

  closeContainer(): void {
    const last = this.#containers.pop();
    this.#prefix = this.#prefix.slice(0, this.#prefix.length - (last?.others.length ?? 0));
  }

  toString(): string {
    return this.#written.join('');
  }

  #fillGap(): void {
    const gap = this.#gap;
    this.#gap = '';
    if (this.#isFirst) this.#written.push(this.#lineStart());
    else if (gap === 'space') this.#written.push(' ');
    else if (gap === 'break') this.#written.push('  \n', this.#lineStart());
    else if (gap !== '') this.#newLine(gap);
  }

  /** Marks end with a line, and begin again in the next. */
  #newLine(gap: 'line' | 'block'): void {
    this.#written.push(...this.#begun.toReversed(), '\n');
    this.#pending.unshift(...this.#begun.splice(0));
    if (gap === 'block') this.#written.push(`${this.#emptyLine()}\n`);
    this.#written.push(this.#lineStart());
  }

  /** Between two blocks of a container; before the first one there is nothing of it. */
  #emptyLine(): string {
    if (!this.#hasFirst) return this.#prefix.trimEnd();
    const begun = this.#containers.filter(({ first }) => first === undefined);
    return begun
      .map(({ others }) => others)
      .join('')
      .trimEnd();
  }

  #lineStart(): string {
    if (!this.#hasFirst) return this.#prefix;
    this.#hasFirst = false;
    const start = this.#containers.map(({ first, others }) => first ?? others).join('');
    for (const container of this.#containers) container.first = undefined;
    return start;
  }
}
