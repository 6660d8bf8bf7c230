import type { PortFailure } from '../../kernel/result.ts';
import type { RetentionFlow } from './retentionFlow.ts';

const PAGE = 500;

export interface MediaErased {
  readonly deleted: number;
  /** Of another homeserver: its copy stays. */
  readonly elsewhere: number;
  readonly failed: number;
  readonly code: string | null;
}

/** Deletes the files that messages named which are gone, and no other message does. The homeserver does not know which those are (reference: Synapse issue 12046). */
export async function eraseUnusedMedia({
  store,
  eraser,
  clock,
}: Pick<RetentionFlow, 'store' | 'eraser' | 'clock'>): Promise<MediaErased> {
  let [deleted, elsewhere, failed, code] = [0, 0, 0, null as string | null];
  for (let page = await store.read.retention.unusedMedia('', PAGE); page.length > 0; ) {
    for (const mxc of page) {
      const done = await eraser.deleteMedia(mxc);
      if (!done.ok) {
        [failed, code] = [failed + 1, done.error.code];
        if (isDown(done.error)) return { deleted, elsewhere, failed, code };
        continue;
      }
      if (done.value === 'deleted') deleted += 1;
      else elsewhere += 1;
      await store.change<true>(async (tx) => {
        await tx.retention.markMediaDeleted(mxc, clock.now());
        const detail = { mxc, how: done.value };
        return { value: true, audit: [{ action: 'retention.media', outcome: 'ok', actor: 'wardroom', detail }] };
      });
    }
    page = await store.read.retention.unusedMedia(page.at(-1) ?? '', PAGE);
  }
  return { deleted, elsewhere, failed, code };
}

/** The homeserver does not answer: what is left waits for it. */
export const isDown = ({ kind, code }: PortFailure): boolean => kind !== 'permanent' && code !== 'not-purged';
