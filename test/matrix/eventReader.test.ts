import type { InboxEvent } from '../../src/flows/inboxPort.ts';
import { eventId, masterKey, roomId, userId } from '../../src/kernel/ids.ts';
import { Phi } from '../../src/kernel/phi.ts';
import { readRoomEvent } from '../../src/matrix/eventReader.ts';

type Json = Record<string, unknown>;

const inboxEvent = (over: Partial<InboxEvent>): InboxEvent => ({
  seq: 1,
  receivedAt: 1_000,
  parkedTimes: 0,
  eventId: eventId('$e'),
  roomId: roomId('!r'),
  sender: userId('@ash:x'),
  type: 'm.room.encrypted',
  stateKey: null,
  relatesTo: null,
  relType: null,
  ours: false,
  isRoot: false,
  sessionId: 's',
  sentAt: 5,
  content: {},
  ...over,
});

const key = masterKey('K');
const read = (content: Json, over: { envelope?: Json; type?: string; crossSigned?: boolean } = {}) => {
  const found = readRoomEvent(inboxEvent({ content: over.envelope ?? {} }), {
    clear: { type: over.type ?? 'm.room.message', content: new Phi(content) },
    crossSigned: over.crossSigned ?? true,
    senderDevice: null,
    signedBy: key,
    sessionId: 's',
  });
  return found?.type === 'message' ? { ...found, body: found.body.reveal() } : found;
};

const reply = { 'm.in_reply_to': { event_id: '$t' } };

describe('an encrypted message', () => {
  it('is read with its sender’s trust and the time it reached us', () => {
    expect(read({ msgtype: 'm.text', body: 'ok' })).toEqual({
      type: 'message',
      room: '!r',
      event: '$e',
      sender: '@ash:x',
      at: 1_000,
      sentAt: expect.any(Number),
      body: 'ok',
      inReplyTo: null,
      thread: null,
      isEdit: false,
      mentions: [],
      encrypted: true,
      crossSigned: true,
      signedBy: key,
    });
    expect(read({ msgtype: 'm.text', body: 'ok' }, { crossSigned: false })).toMatchObject({ crossSigned: false });
    const html = read({ msgtype: 'm.text', body: 'ok', format: 'org.matrix.custom.html', formatted_body: '<b>ok</b>' });
    expect(html?.type === 'message' && html.formatted?.reveal()).toBe('<b>ok</b>');
    expect(read({ msgtype: 'm.text', body: 'ok', formatted_body: '<b>ok</b>' })).not.toHaveProperty('formatted');
  });

  it.each([
    ['a reply', { 'm.relates_to': reply }, { inReplyTo: '$t', thread: null }],
    [
      'a thread message with the fallback for older clients',
      { 'm.relates_to': { ...reply, rel_type: 'm.thread', event_id: '$root', is_falling_back: true } },
      { inReplyTo: null, thread: '$root' },
    ],
    [
      'a reply inside a thread',
      { 'm.relates_to': { ...reply, rel_type: 'm.thread', event_id: '$root', is_falling_back: false } },
      { inReplyTo: '$t', thread: '$root' },
    ],
    ['an edit', { 'm.relates_to': { rel_type: 'm.replace', event_id: '$t' } }, { isEdit: true, thread: null }],
    [
      'a broken relation',
      { 'm.relates_to': { rel_type: 7, event_id: {}, 'm.in_reply_to': 'x' } },
      { inReplyTo: null, thread: null },
    ],
  ])('that is %s says so, whether the relation is inside or outside the ciphertext', (_name, relation, expected) => {
    const text = { msgtype: 'm.text', body: 'ok' };
    expect(read({ ...text, ...relation })).toMatchObject(expected);
    expect(read(text, { envelope: relation })).toMatchObject(expected);
  });

  it('believes the relation inside the ciphertext before the one outside, which the homeserver could change', () => {
    const inside = { 'm.relates_to': { rel_type: 'm.thread', event_id: '$inside' } };
    const outside = { 'm.relates_to': { rel_type: 'm.thread', event_id: '$outside' } };
    expect(read({ msgtype: 'm.text', body: 'ok', ...inside }, { envelope: outside })).toMatchObject({
      thread: '$inside',
    });
  });

  it.each([
    ['> <@v:x> Mrs Ash\n> callback 555\n\nok', 'ok'],
    ['> <@v:x> Mrs Ash\n\nok\n\nthanks', 'ok\n\nthanks'],
    ['> no empty line\nok', '> no empty line\nok'],
    ['ok', 'ok'],
  ])('loses the quote that older clients put before a reply: %j', (body, expected) => {
    expect(read({ msgtype: 'm.text', body, 'm.relates_to': reply })).toMatchObject({ body: expected });
  });

  it('keeps a quote when it replies to nothing', () => {
    const body = '> quoted\n\nok';
    expect(read({ msgtype: 'm.text', body })).toMatchObject({ body });
  });

  it('from a program (m.notice) means nothing', () => {
    expect(read({ msgtype: 'm.notice', body: 'ok' })).toBeNull();
  });

  it('without a body is an empty one', () => {
    expect(read({ msgtype: 'm.text', body: 7 })).toMatchObject({ body: '' });
  });
});

describe('what is not encrypted', () => {
  it('is flagged when it is a message, and has no text', () => {
    const found = readRoomEvent(inboxEvent({ type: 'm.room.message', content: { 'm.relates_to': reply } }), null);
    expect(found).toMatchObject({ type: 'message', encrypted: false, crossSigned: false, inReplyTo: '$t' });
    expect(found?.type === 'message' && found.body.reveal()).toBe('');
  });

  it('is read when it is a reaction or a redaction', () => {
    const relation = { 'm.relates_to': { rel_type: 'm.annotation', event_id: '$t', key: '👍🏽' } };
    expect(readRoomEvent(inboxEvent({ type: 'm.reaction', content: relation }), null)).toMatchObject({
      type: 'reaction',
      target: '$t',
      key: '👍🏽',
    });
    expect(readRoomEvent(inboxEvent({ type: 'm.reaction', content: {} }), null)).toBeNull();
    expect(readRoomEvent(inboxEvent({ type: 'm.room.redaction', relatesTo: eventId('$t') }), null)).toMatchObject({
      type: 'redaction',
      redacts: '$t',
    });
  });

  it.each([
    ['a state event', { type: 'm.room.message', stateKey: '' }],
    ['a type we do not know', { type: 'org.example.x' }],
  ])('means nothing when it is %s', (_name, over) => {
    expect(readRoomEvent(inboxEvent(over), null)).toBeNull();
  });
});
