import { SaxesParser } from 'saxes';
import { err, ok, type Result } from '../../kernel/result.ts';
import { type Failure, failure } from './codes.ts';
import { decodeText } from './decodeText.ts';

/** An element with what stands in it. Attributes by their names in lower case: their spelling varies with the sender. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The element's own text, without that of its children. */
  readonly text: string;
}

/** Far more than any WCTP document has; whoever sends more is refused before it costs anything. */
export const XML_LIMITS = {
  depth: 16,
  elements: 5_000,
  attributes: 10_000,
  attributesOfOne: 64,
  attributeLength: 8_192,
};

/** An external id and nothing else; it is never fetched (WCTP documents name their DTD so). */
const PLAIN_DOCTYPE =
  /^\s+[^\s[]+(\s+(SYSTEM\s*("[^"]*"|'[^']*')|PUBLIC\s*("[^"]*"|'[^']*')\s*("[^"]*"|'[^']*')))?\s*$/;

class Refused extends Error {
  readonly failure: Failure;
  constructor(errorCode: 301 | 302, what: string) {
    super(what);
    this.failure = failure(errorCode, what);
  }
}

interface Open {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  text: string;
}

/**
 * Parses a document without ever reading anything but its bytes: no DTD, no entities but XML's own five.
 * 301: no text, or not well-formed. 302: a document type with an internal subset, or beyond `XML_LIMITS`.
 */
export function parseXml(bytes: Uint8Array, charset: string | null = null): Result<XmlElement, Failure> {
  const text = decodeText(bytes, charset);
  if (text === null) return err(failure(301, 'The text is not in the encoding it says it is in'));
  if (text.trim() === '') return err(failure(301, 'The document is empty'));
  try {
    return ok(treeOf(text));
  } catch (error) {
    if (error instanceof Refused) return err(error.failure);
    throw error;
  }
}

function treeOf(text: string): XmlElement {
  const parser = new SaxesParser({ xmlns: false, position: false });
  const open: Open[] = [];
  let root: XmlElement | null = null;
  let elements = 0;
  let attributes = 0;
  let here = new Map<string, string>();
  // The parser's message quotes the document: it is not kept.
  parser.on('error', () => {
    throw new Refused(301, 'The document is not well-formed XML');
  });
  parser.on('doctype', (declaration) => {
    if (!PLAIN_DOCTYPE.test(declaration)) throw new Refused(302, 'A document type with an internal subset is refused');
  });
  parser.on('opentagstart', () => {
    elements += 1;
    here = new Map();
    if (open.length >= XML_LIMITS.depth) throw new Refused(302, 'Elements are nested too deeply');
    if (elements > XML_LIMITS.elements) throw new Refused(302, 'There are too many elements');
  });
  parser.on('attribute', ({ name, value }) => {
    attributes += 1;
    here.set(name.toLowerCase(), value);
    if (attributes > XML_LIMITS.attributes || here.size > XML_LIMITS.attributesOfOne)
      throw new Refused(302, 'There are too many attributes');
    if (value.length > XML_LIMITS.attributeLength) throw new Refused(302, 'An attribute is too long');
  });
  parser.on('opentag', (tag) => {
    const element: Open = { name: tag.name, attributes: here, children: [], text: '' };
    open.at(-1)?.children.push(element);
    open.push(element);
    root ??= element;
  });
  parser.on('closetag', () => open.pop());
  const add = (chunk: string) => {
    const element = open.at(-1);
    if (element) element.text += chunk;
  };
  parser.on('text', add);
  parser.on('cdata', add);
  parser.write(text.replace(/^\s+(?=<\?xml)/, '')).close();
  if (root === null) throw new Refused(301, 'The document is not well-formed XML');
  return root;
}
