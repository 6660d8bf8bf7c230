import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseXml, type XmlElement } from '../../channels/wctp/parseXml.ts';
import { firstOf } from './firstOf.ts';

/** A StatusInfo or MessageReply as it arrived. */
export interface Pushed {
  /** `QUEUED`, `DELIVERED`, `READ`, `failure 500`, or what a reply says. */
  readonly says: string;
  readonly isChoice: boolean;
  /** The service's id of the message; of what answers none, as its text says. */
  readonly about: string;
  readonly raw: string;
  readonly at: number;
}

const ACCEPTED =
  '<?xml version="1.0" encoding="UTF-8"?><wctp-Operation wctpVersion="wctp-dtd-v1r3"><wctp-Confirmation>' +
  '<wctp-Success successCode="200" successText="Accepted"/></wctp-Confirmation></wctp-Operation>';

/** The console of an answering service as the demonstration plays it: submits by WCTP, takes what is pushed to it. */
export class WctpConsole {
  readonly pushed: Pushed[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      this.pushed.push(readPushed(Buffer.concat(chunks)));
      response.writeHead(200, { 'content-type': 'text/xml' }).end(ACCEPTED);
      for (const listener of this.#listeners) listener();
    });
  });

  /** Starts listening on loopback; the URL to configure as `wctp_url`. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/wctp`;
  }

  /** Posts a document; the code of the success or failure in the answer. */
  async post(url: string, xml: string): Promise<number> {
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'text/xml' }, body: xml });
    const parsed = parseXml(new Uint8Array(await response.arrayBuffer()));
    const outcome = parsed.ok ? (find(parsed.value, 'Success') ?? find(parsed.value, 'Failure')) : null;
    return Number(outcome?.attributes.get('successcode') ?? outcome?.attributes.get('errorcode') ?? 0);
  }

  /** The first thing pushed, past or to come, that says this. */
  waitFor(says: string, timeoutMs = 60_000): Promise<Pushed> {
    return firstOf(
      this.#listeners,
      () => this.pushed.find((one) => one.says === says),
      (seconds) => `not told in ${seconds} s: ${says}`,
      timeoutMs,
    );
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

function readPushed(bytes: Buffer): Pushed {
  const parsed = parseXml(bytes);
  const root = parsed.ok ? parsed.value : null;
  const attribute = (name: string, key: string) => find(root, name)?.attributes.get(key) ?? null;
  const code = attribute('Failure', 'errorcode');
  return {
    says:
      attribute('Notification', 'type') ??
      (code === null ? (find(root, 'Alphanumeric')?.text ?? '') : `failure ${code}`),
    isChoice: attribute('MessageReply', 'mcrmessagereply') === 'true',
    about:
      attribute('ResponseHeader', 'responsetomessageid') ??
      /^About (\S+):/.exec(find(root, 'Alphanumeric')?.text ?? '')?.[1] ??
      '',
    raw: bytes.toString('utf8'),
    at: performance.now(),
  };
}

function find(element: XmlElement | null, name: string): XmlElement | null {
  if (element === null || element.name === `wctp-${name}`) return element;
  for (const child of element.children) {
    const found = find(child, name);
    if (found) return found;
  }
  return null;
}
