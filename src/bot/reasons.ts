/** Why, and what to do about it, for every code of a refusal that several commands have. */
export const reasons: Readonly<Record<string, string>> = {
  'not-admin':
    'Only who holds a role for it gives commands, and you hold none. An administrator can give you one: `!wr role grant`.',
  'role-missing': 'Your roles do not give this command.',
  'unverified-device':
    'This device is not signed by your identity. Verify it in your client (or with your recovery key), then say it again.',
  'identity-changed':
    'Your identity is not the one that is pinned for you: your commands are suspended until another administrator confirms the new one.',
  'unknown-command': 'There is no such command. `!wr help` shows them all.',
  'needs-second-person': 'That takes another administrator than you.',
  'not-confirmed': 'Your own identity is not confirmed yet. A confirmed administrator has to confirm it first.',
  'unknown-code': 'There is no such code. Codes are six letters and digits, in the answer that asks for them.',
  'code-used': 'This code was used: it is done.',
  'code-expired': 'This code has expired. Give the command again to get another one.',
  'state-changed':
    'Something changed since that was shown, so nothing was done. Give the command again, read what it shows now, and confirm that.',
  'asker-suspended':
    'Whoever asked for it may give no commands any more, so nothing was done. Give the command yourself.',
  interrupted: 'Wardroom was interrupted. Give the command again.',
  'work-failed': 'That failed; the log says why. Nothing was changed by it.',
  'no-ticket': 'There is no open ticket of yours here. Say it in the thread of the ticket.',
  'which-ticket': 'Several tickets could be meant. Say it in the thread of the one you mean.',
  'not-yours': 'This ticket is not yours to answer: nobody called you for it.',
  'heard-late': 'This was heard more than ten minutes after you said it. Say it again, in the thread of the ticket.',
  'ticket-closed': 'The ticket is closed.',
  'already-taken': 'A colleague has taken the ticket.',
  'no-such-colleague': 'Nobody of that name may take this ticket. Name one colleague by Matrix id.',
  'no-such-terms': 'There are no such terms.',
  'no-such-message': 'Say it as a reply to the message that you want to take back.',
  'gone-already': 'That message is gone already.',
  'not-the-author': 'Only who wrote a message may take it back.',
  'recall-too-late': 'It is too late to take it back: others may have acted on it. Write a correction instead.',
  'under-hold': 'A legal hold covers this message: nothing of it is deleted. Write a correction instead.',
  'is-acknowledgement': 'That took the ticket. To give it back: `!pass`, or take your reaction away.',
  'policy-unreadable': 'The policy cannot be read, so nothing is taken back. Tell an administrator.',
  'no-account': 'There is no such account, or you are not part of it.',
};
