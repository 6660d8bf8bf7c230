import { accepts, postingNothing, type Submission } from './acceptance.ts';
import { jsonTicket } from './acceptPerCommit.ts';
import { newTicket } from './load.ts';
import type { Ratio } from './ratios.ts';
import { sideBySide } from './sideBySide.ts';
import type { BenchWard } from './ward.ts';

/** All that is accepted in all blocks together must fit under `http.backlog.urgent`: nothing is posted meanwhile. */
const SECONDS = 1;
const SETTINGS = [1, 16];

/** Tickets accepted per second by WCTP / the same tickets as JSON by HTTP, in alternating blocks, while nothing is posted. */
export async function wctpPerJson(ward: BenchWard, say: (line: string) => void): Promise<Ratio> {
  const { api_url: api, wctp_url: wctp } = ward.hospital;
  return postingNothing(ward, () =>
    sideBySide({
      settings: SETTINGS,
      rounds: 5,
      names: { ours: 'wctp', theirs: 'json' },
      ours: (connections) => accepts(wctp, wctpTicket, connections, SECONDS),
      theirs: (connections) => accepts(`${api}/api/v1/tickets`, () => jsonTicket(ward.token), connections, SECONDS),
      say,
    }),
  );
}

/** The words of `newTicket` as a console writes them, with everything asked for that can be. */
function wctpTicket(): Submission {
  const { id } = newTicket();
  const body = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE wctp-Operation SYSTEM "http://dtd.wctp.org/wctp-dtd-v1r3.dtd">
<wctp-Operation wctpVersion="wctp-dtd-v1r3">
  <wctp-SubmitRequest>
    <wctp-SubmitHeader submitTimestamp="${new Date().toISOString().slice(0, 19)}">
      <wctp-Originator senderID="harrier-ops" securityCode="measured"/>
      <wctp-MessageControl messageID="${id}" transactionID="${id}" notifyWhenQueued="true" notifyWhenDelivered="true" notifyWhenRead="true" deliveryPriority="HIGH"/>
      <wctp-Recipient recipientID="MEASURED.oncall"/>
    </wctp-SubmitHeader>
    <wctp-Payload>
      <wctp-MCR>
        <wctp-MessageText>STAT MEASURED ${id} | Pt Ottoline Farrow DOB 03/09/1951 | Clr Imogen Thackeray (spouse) 212-555-0142 | Crushing chest pressure for 20 minutes. Ambulance on the way, wants the cardiologist to know. | Reply with 1</wctp-MessageText>
        <wctp-Choice>Calling now</wctp-Choice>
        <wctp-Choice>Send to backup</wctp-Choice>
      </wctp-MCR>
    </wctp-Payload>
  </wctp-SubmitRequest>
</wctp-Operation>`;
  return {
    headers: { 'content-type': 'text/xml' },
    body,
    isAccepted: (status, text) => status === 200 && text.includes('successCode="200"'),
  };
}
