import { createRequire } from 'node:module';
import PDFDocument from 'pdfkit';

const require = createRequire(import.meta.url);
/** The standard fonts of PDF know Western Europe only; people have other names, too. */
const font = (name: string): string => require.resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`);

const MARGIN = 54;
const GREY = '#555555';
const LINE = '#bbbbbb';
const SIZES = { title: 18, heading: 12, text: 9.5, small: 8 } as const;
const CELL = { x: 4, y: 3 } as const;

export interface Column {
  readonly head: string;
  /** Share of the width. */
  readonly share: number;
}

/** A document of US Letter pages, written from top to bottom. */
export class Page {
  readonly #pdf: PDFKit.PDFDocument;
  readonly #done: Promise<Buffer>;

  /** `at`: when it was made; with the same contents and instant, the same bytes come out, but for the file's own id. */
  constructor(title: string, at: Date) {
    this.#pdf = new PDFDocument({
      size: 'LETTER',
      margin: MARGIN,
      bufferPages: true,
      lang: 'en-US',
      displayTitle: true,
      info: { Title: title, Producer: 'Wardroom', Creator: 'Wardroom', CreationDate: at, ModDate: at },
    });
    this.#pdf.registerFont('plain', font('DejaVuSans')).registerFont('bold', font('DejaVuSans-Bold'));
    const chunks: Buffer[] = [];
    this.#done = new Promise((resolve, reject) => {
      this.#pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
      this.#pdf.on('end', () => resolve(Buffer.concat(chunks)));
      this.#pdf.on('error', reject);
    });
  }

  title(text: string, below: string): void {
    this.#pdf.font('bold').fontSize(SIZES.title).fillColor('black').text(visible(text));
    this.#pdf.moveDown(0.2).font('plain').fontSize(SIZES.small).fillColor(GREY).text(visible(below));
    this.#pdf.moveDown(0.8);
  }

  heading(text: string): void {
    this.#keepTogether(70);
    this.#pdf
      .moveDown(0.7)
      .font('bold')
      .fontSize(SIZES.heading)
      .fillColor('black')
      .text(visible(text), this.#left, undefined);
    this.#pdf.moveDown(0.3);
  }

  text(text: string, style: 'plain' | 'bold' | 'small' = 'plain'): void {
    this.#pdf
      .font(style === 'bold' ? 'bold' : 'plain')
      .fontSize(style === 'small' ? SIZES.small : SIZES.text)
      .fillColor(style === 'small' ? GREY : 'black')
      .text(visible(text), this.#left, undefined, { width: this.#width });
    this.#pdf.moveDown(0.25);
  }

  /** A row that does not fit on what is left of a page begins the next one, under the headings again; a longer one than a page goes on there. */
  table(columns: readonly Column[], rows: readonly (readonly string[])[]): void {
    const all = columns.reduce((sum, { share }) => sum + share, 0);
    const widths = columns.map(({ share }) => (this.#width * share) / all);
    this.#row(
      columns.map(({ head }) => head),
      widths,
      true,
    );
    for (const row of rows) {
      for (const part of this.#parts(row, widths)) {
        if (this.#pdf.y + this.#height(part, widths, false) > this.#bottom) {
          this.#pdf.addPage();
          this.#row(
            columns.map(({ head }) => head),
            widths,
            true,
          );
        }
        this.#row(part, widths, false);
      }
    }
    this.#pdf.moveDown(0.5);
  }

  /** Puts `foot` and the page's number under each page. Nothing can be written afterwards. */
  async end(foot: string): Promise<Buffer> {
    const { count } = this.#pdf.bufferedPageRange();
    for (let page = 0; page < count; page += 1) {
      this.#pdf.switchToPage(page);
      const { margins, height } = this.#pdf.page;
      // Below the margin a text would begin a page of its own.
      const bottom = margins.bottom;
      margins.bottom = 0;
      this.#pdf.font('plain').fontSize(7).fillColor(GREY);
      this.#pdf.text(visible(foot), this.#left, height - 40, {
        width: this.#width - 70,
        lineBreak: false,
        ellipsis: true,
        height: 10,
      });
      this.#pdf.text(`${page + 1} of ${count}`, this.#left, height - 40, {
        width: this.#width,
        align: 'right',
        lineBreak: false,
      });
      margins.bottom = bottom;
    }
    this.#pdf.end();
    return this.#done;
  }

  get #left(): number {
    return this.#pdf.page.margins.left;
  }

  get #width(): number {
    return this.#pdf.page.width - this.#pdf.page.margins.left - this.#pdf.page.margins.right;
  }

  get #bottom(): number {
    return this.#pdf.page.height - this.#pdf.page.margins.bottom;
  }

  #keepTogether(height: number): void {
    if (this.#pdf.y + height > this.#bottom) this.#pdf.addPage();
  }

  #row(cells: readonly string[], widths: readonly number[], isHead: boolean): void {
    const height = this.#height(cells, widths, isHead);
    const top = this.#pdf.y;
    let left = this.#left;
    this.#pdf
      .font(isHead ? 'bold' : 'plain')
      .fontSize(SIZES.small)
      .fillColor('black');
    for (const [index, cell] of cells.entries()) {
      const width = widths[index] ?? 0;
      this.#pdf.text(visible(cell), left + CELL.x, top + CELL.y, { width: width - 2 * CELL.x });
      left += width;
    }
    const under = top + height;
    this.#pdf.lineWidth(isHead ? 1 : 0.5).strokeColor(isHead ? 'black' : LINE);
    this.#pdf
      .moveTo(this.#left, under)
      .lineTo(this.#left + this.#width, under)
      .stroke();
    this.#pdf.x = this.#left;
    this.#pdf.y = under;
  }

  #height(cells: readonly string[], widths: readonly number[], isHead: boolean): number {
    this.#pdf.font(isHead ? 'bold' : 'plain').fontSize(SIZES.small);
    const heights = cells.map((cell, index) =>
      this.#pdf.heightOfString(visible(cell), { width: (widths[index] ?? 0) - 2 * CELL.x }),
    );
    return Math.max(...heights) + 2 * CELL.y;
  }

  /** Of a row higher than half a page, rows of some words each. */
  #parts(row: readonly string[], widths: readonly number[]): readonly (readonly string[])[] {
    if (this.#height(row, widths, false) <= (this.#bottom - MARGIN) / 2) return [row];
    const [first, second] = [row.map(firstHalf), row.map(secondHalf)];
    if (second.every((cell) => cell === '')) return [row];
    return [...this.#parts(first, widths), ...this.#parts(second, widths)];
  }
}

/** Short cells stay in the first part. */
const SHORT = 80;
const cut = (text: string): number => {
  const middle = Math.ceil(text.length / 2);
  const space = text.indexOf(' ', middle);
  return space < 0 ? middle : space;
};
const firstHalf = (text: string): string => (text.length <= SHORT ? text : text.slice(0, cut(text)));
const secondHalf = (text: string): string => (text.length <= SHORT ? '' : text.slice(cut(text)).trimStart());

/**
 * What cannot be seen, or turns the direction of text, is shown as a mark of its own. A word that nobody would write is parted: to find where it fits
 * costs with the square of its length.
 */
const visible = (text: string): string =>
  text
    .replace(
      /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu,
      '\ufffd',
    )
    .replace(/\S{100}(?=\S)/gu, '$& ');
