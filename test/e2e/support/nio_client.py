"""A clinician with a Matrix client that nobody here wrote: matrix-nio, told what to do by lines of JSON on its standard input.

First line: {"homeserver", "user", "password", "store"}. Then any number of
  {"do": "ticket", "ticket_id", "kind", "timeout"}   waits for this message; answers what it could read, or that it could not
  {"do": "say", "room_id", "body", "thread"}         sends m.text, encrypted, to the thread; answers its event id
Every answer is one line of JSON. Ends, logged out, when its input does.
"""

import asyncio
import json
import sys

from nio import AsyncClient, AsyncClientConfig, LoginError, MegolmEvent, RoomMessageText, RoomSendResponse, SyncError

SYNC_MS = 10_000


def tell(**answer):
    print(json.dumps(answer), flush=True)


class Clinician:
    def __init__(self, first):
        config = AsyncClientConfig(encryption_enabled=True, store_sync_tokens=False, request_timeout=60)
        self.client = AsyncClient(first["homeserver"], first["user"], store_path=first["store"], config=config)
        self.password = first["password"]
        self.changed = asyncio.Condition()
        self.read = []
        self.unread = []
        self.client.add_event_callback(self.on_text, RoomMessageText)
        self.client.add_event_callback(self.on_unread, MegolmEvent)

    async def on_text(self, room, event):
        await self.note(self.read, {"room_id": room.room_id, "encrypted": bool(event.decrypted), **event.source})

    async def on_unread(self, room, event):
        await self.note(self.unread, {"event_id": event.event_id, "room_id": room.room_id, "sender": event.sender})

    async def note(self, events, event):
        async with self.changed:
            events.append(event)
            self.changed.notify_all()

    async def start(self):
        answer = await self.client.login(self.password, device_name="nio")
        if isinstance(answer, LoginError):
            raise SystemExit(f"login refused: {answer.status_code}")
        await self.sync_once(0)
        tell(event="ready", device_id=self.client.device_id)

    async def sync_once(self, timeout):
        answer = await self.client.sync(timeout=timeout, full_state=self.client.next_batch == "")
        if isinstance(answer, SyncError):
            raise SystemExit(f"sync refused: {answer.status_code}")
        # As sync_forever does: keys up, other people's devices asked for, to-device messages sent.
        if self.client.should_upload_keys:
            await self.client.keys_upload()
        if self.client.should_query_keys:
            await self.client.keys_query()
        await self.client.send_to_device_messages()

    async def sync_forever(self):
        while True:
            await self.sync_once(SYNC_MS)

    async def wait_for(self, find, timeout):
        async with self.changed:
            return await asyncio.wait_for(self.until(find), timeout)

    async def until(self, find):
        while (found := find()) is None:
            await self.changed.wait()
        return found

    async def ticket(self, ticket_id, kind, timeout):
        def find():
            for event in self.read:
                part = event["content"].get("org.wardroom.ticket", {})
                if part.get("ticket_id") == ticket_id and part.get("kind") == kind:
                    return event
            return None

        tell(event="ticket", **await self.wait_for(find, timeout))

    async def unreadable(self, event_id, timeout):
        def find():
            return next((event for event in self.unread if event["event_id"] == event_id), None)

        tell(event="unreadable", **await self.wait_for(find, timeout))

    async def say(self, room_id, body, thread):
        relation = {"rel_type": "m.thread", "event_id": thread, "is_falling_back": True}
        content = {"msgtype": "m.text", "body": body, "m.relates_to": {**relation, "m.in_reply_to": {"event_id": thread}}}
        answer = await self.client.room_send(room_id, "m.room.message", content, ignore_unverified_devices=True)
        if not isinstance(answer, RoomSendResponse):
            raise SystemExit("not sent")
        tell(event="said", event_id=answer.event_id)

    async def obey(self, lines):
        while line := await lines.readline():
            order = json.loads(line)
            await {"ticket": self.ticket, "unreadable": self.unreadable, "say": self.say}[order.pop("do")](**order)


async def main():
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    clinician = Clinician(json.loads(await lines.readline()))
    try:
        await clinician.start()
        syncing = asyncio.create_task(clinician.sync_forever())
        obeying = asyncio.create_task(clinician.obey(lines))
        done, _ = await asyncio.wait({syncing, obeying}, return_when=asyncio.FIRST_COMPLETED)
        syncing.cancel()
        for task in done:
            task.result()
        await clinician.client.logout()
    finally:
        await clinician.client.close()


asyncio.run(main())
