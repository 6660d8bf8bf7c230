import { serviceId, type UserId } from '../kernel/ids.ts';
import { lineVoice, voiceUser } from '../matrix/index.ts';
import type { Config } from './config/index.ts';

/** Every voice of this configuration but the bot: one per answering service, one per line for texts. */
export const voiceUsers = ({
  dispatch,
  texting,
  homeserver: { server_name: serverName },
}: Pick<Config, 'dispatch' | 'texting' | 'homeserver'>): readonly UserId[] => [
  ...Object.keys(dispatch.services).map((id) => voiceUser(serviceId(id), serverName)),
  ...Object.keys(texting.lines).map((name) => lineVoice(name, serverName)),
];
