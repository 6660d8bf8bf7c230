import type { FactReads } from '../../flows/policyFacts.ts';
import type { RoomEvent } from '../../flows/ports.ts';
import { AnsweringWatch } from '../../flows/texting/answeringWatch.ts';
import { TextAnswers } from '../../flows/texting/answerTexts.ts';
import type { CarrierEvents, CarrierName, CarrierPort } from '../../flows/texting/carrierPort.ts';
import { ClinicianTexts } from '../../flows/texting/clinicianTexts.ts';
import { ConsentHere } from '../../flows/texting/consentHere.ts';
import { KeywordTexts } from '../../flows/texting/keywordTexts.ts';
import { TextPoster } from '../../flows/texting/postTexts.ts';
import { TextReceiver } from '../../flows/texting/receiveTexts.ts';
import { TextReports } from '../../flows/texting/reportTexts.ts';
import { TextSender } from '../../flows/texting/sendTexts.ts';
import { tellTexts } from '../../flows/texting/tellTexts.ts';
import { barsNow } from '../../flows/texting/textFacts.ts';
import { TextFiles, type TextFilesFlow } from '../../flows/texting/textFiles.ts';
import type { PhonePerson, TextingFlow, TextLine } from '../../flows/texting/textingFlow.ts';
import { KeptTextRooms, TEXT_ROOM_CLASS, type TextRoomsFlow } from '../../flows/texting/textRooms.ts';
import { tidyTexts } from '../../flows/texting/tidyTexts.ts';
import { Triage } from '../../flows/texting/triage.ts';
import type { DeliveryFlow } from '../../flows/ticketFlow.ts';
import { realClock } from '../../kernel/clock.ts';
import type { PhoneNumber, UserId } from '../../kernel/ids.ts';
import { lineVoice } from '../../matrix/index.ts';
import { type Facts, type Policy, rolesOf } from '../../policy/index.ts';
import { looksLikeOrder } from '../../texts/index.ts';
import { repeatEvery } from '../housekeeping.ts';

export interface TextingParts {
  readonly flow: DeliveryFlow;
  readonly serverName: string;
  readonly lines: readonly TextLine[];
  readonly carriers: ReadonlyMap<CarrierName, CarrierPort>;
  readonly keeping: TextRoomsFlow['keeping'];
  readonly policy: () => Policy | null;
  readonly facts: (read: FactReads) => Promise<Facts | null>;
  /** Who answers a line's texts. */
  readonly teamOf: (line: string) => readonly UserId[];
  readonly personOf: (number: PhoneNumber) => PhonePerson | null;
  readonly requireCrossSigned: boolean;
  readonly upload: TextFilesFlow['upload'];
  readonly digest: (text: string) => string;
  readonly onFailure: (error: unknown) => void;
}

export interface RunningTexting {
  /** What carriers tell. */
  readonly events: CarrierEvents;
  readonly flow: TextingFlow;
  readonly answers: TextAnswers;
  readonly triage: Triage;
  readonly consents: ConsentHere;
  /** A message of a person; whether it was said in a room of texts. */
  hear(message: Extract<RoomEvent, { type: 'message' }>): Promise<boolean>;
  /** Begins to send and to post, in the process that leads, once rooms are kept. */
  start(): void;
  stop(): Promise<void>;
  /** Sends and posts until nothing is due. */
  workForTest(): Promise<void>;
  /** As after a restart: what was being handed over is over. */
  takeOverForTest(): Promise<void>;
}

/** How soon what waits is looked at where nobody said that there is something. */
const LOOK_MS = 500;
/** How soon files that came with a text are fetched. */
const FILES_LOOK_MS = 2_000;
const TIDY_MS = 3_600_000;
/** How soon it is told that a patient waits. */
const WAITING_LOOK_MS = 10_000;

/** Texts: what comes in, what goes out, and what is said of both in rooms. */
export function texting(parts: TextingParts): RunningTexting {
  const { store, clock, alarms, crash, voices, isOwnUser } = parts.flow;
  const rooms = new KeptTextRooms({ store, clock, digest: parts.digest, keeping: parts.keeping });
  const flow: TextingFlow = {
    store,
    clock,
    machineClock: realClock,
    alarms,
    crash,
    lines: parts.lines,
    carriers: parts.carriers,
    voices,
    voiceOf: (line) => lineVoice(line, parts.serverName),
    rooms,
    digest: parts.digest,
    personOf: parts.personOf,
    isOwnUser,
  };
  const policyOfTexts = () => parts.policy()?.texting ?? null;
  const sending = {
    ...flow,
    bars: barsNow(flow, policyOfTexts),
    became: (...[tx, before, after, number]: Parameters<TextSenderBecame>) =>
      tellTexts(flow, tx, before, after, number),
  };
  const poster = new TextPoster(flow);
  const sender = new TextSender(sending);
  const reports = new TextReports(sending);
  const watch = new AnsweringWatch(flow, policyOfTexts);
  const files = new TextFiles({ ...flow, upload: parts.upload });
  let running: { stop(): Promise<void> }[] = [];
  let isWanted: () => void = () => undefined;
  const wake = () => isWanted();
  const answers = new TextAnswers({
    ...flow,
    texting: policyOfTexts,
    requireCrossSigned: parts.requireCrossSigned,
    wake,
    async rolesOf(line, user) {
      const facts = await parts.facts(store.read);
      if (facts === null) return [];
      const [stands] = facts.policy.classes[TEXT_ROOM_CLASS]?.roles ?? [];
      const team = parts.teamOf(line.name).includes(user) && stands !== undefined ? [stands] : [];
      return [...rolesOf(facts.grants, user, facts.now), ...team];
    },
  });
  const receiver = new TextReceiver(flow, {
    keywords: new KeywordTexts(flow),
    clinicians: new ClinicianTexts({ ...flow, tickets: parts.flow, looksLikeOrder }),
    wake,
  });
  /** Works until nothing more is due; asked again meanwhile, looks again. */
  const worker = (look: () => Promise<boolean>) => {
    let again = false;
    let busy: Promise<void> | null = null;
    const work = async () => {
      do again = false;
      while ((await look()) || again);
    };
    return {
      run: async () => {
        again = true;
        busy ??= work().finally(() => {
          busy = null;
        });
        await busy;
      },
    };
  };
  return {
    flow,
    answers,
    triage: new Triage(flow),
    consents: new ConsentHere(flow),
    events: {
      received: (carrier, text) => receiver.received(carrier, text),
      async reported(carrier, report) {
        await reports.reported(carrier, report);
        wake();
      },
    },
    hear: (message) => answers.hear(message),
    start() {
      if (running.length > 0) return;
      const posts = worker(() => poster.look());
      const sends = worker(async () => {
        const more = await sender.look();
        if (more) void posts.run().catch(parts.onFailure);
        return more;
      });
      let taken: Promise<void> | null = null;
      const sendAll = async () => {
        taken ??= sender.takeOver();
        await taken;
        await sends.run();
      };
      isWanted = () => {
        void posts.run().catch(parts.onFailure);
        void sendAll().catch(parts.onFailure);
      };
      running = [
        repeatEvery(LOOK_MS, parts.onFailure, () => posts.run()),
        repeatEvery(LOOK_MS, parts.onFailure, sendAll),
        repeatEvery(WAITING_LOOK_MS, parts.onFailure, () => watch.look()),
        repeatEvery(FILES_LOOK_MS, parts.onFailure, async () => {
          await files.look();
        }),
        repeatEvery(TIDY_MS, parts.onFailure, () => tidyTexts(flow, parts.policy())),
      ];
    },
    takeOverForTest: () => sender.takeOver(),
    async workForTest() {
      for (;;) {
        const sent = await sender.look();
        await files.look();
        const posted = await poster.look();
        if (!sent && !posted) return;
      }
    },
    async stop() {
      isWanted = () => undefined;
      await Promise.all(running.map((one) => one.stop()));
      await Promise.all([...parts.carriers.values()].map((carrier) => carrier.stop()));
    },
  };
}

type TextSenderBecame = ConstructorParameters<typeof TextSender>[0]['became'];
